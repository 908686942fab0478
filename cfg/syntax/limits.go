package syntax

// Limits of the language. Each is answered with an error that names it.
const (
	MaxIncludes     = 10       // nested includes
	MaxFiles        = 1000     // files read in all
	MaxSource       = 16 << 20 // bytes of all files together
	MaxDefines      = 256      // defines
	MaxDefineDepth  = 32       // defines used within the bodies of defines
	MaxIfdefs       = 256      // nested conditionals
	MaxTokens       = 1 << 20  // tokens in all, define bodies expanded
	MaxExpanded     = 1 << 18  // tokens and uses out of define bodies
	MaxNesting      = 100      // nested blocks, parentheses, operators
	MaxChain        = 1000     // operators in one expression, else-ifs in one if
	MaxErrors       = 50       // errors shown in one run of text that is not of the language
	MaxFindings     = 2000     // all errors and warnings shown in one run
	MaxArgs         = 6        // arguments of a function
	MaxSelectParts  = 32       // parts of a select
	MaxVarNesting   = 10       // variables within variables
	MaxVarLength    = 4096     // bytes of one $(...) token
	MaxDefineLength = 64 << 10 // bytes of one define body
	MaxSubsts       = 256      // substitutions
	MaxString       = 64 << 10 // bytes a substitution may make of one string
)
