package shm

import "unsafe"

const (
	numClasses = 32
	classRun   = 63 // larger than the largest class: pages of its own
	headerSize = 16 // of a block
	magSlots   = 32
	// maxSpan bounds the pages of a span, and so the way back from any of its
	// blocks to the page that describes it.
	maxSpan = 32
)

// MaxBlock is the largest block.
const MaxBlock = 1 << 31

// classSizes are the payloads of the size classes. Steps of a quarter keep the
// waste under a fifth.
var classSizes = [numClasses]uint32{
	16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512,
	640, 768, 1024, 1280, 1536, 2048, 2560, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 65536,
}

var (
	magCaps   [numClasses]uint32 // blocks a process keeps at hand
	spanPages [numClasses]uint32
	smallOf   [1024/16 + 1]uint8 // class by size in units of 16, up to 1024
)

func init() {
	for c, size := range classSizes {
		magCaps[c] = magCap(size)
		spanPages[c] = spanFor(size + headerSize)
	}
	c := 0
	for i := range smallOf {
		if uint32(i)*16 > classSizes[c] {
			c++
		}
		smallOf[i] = uint8(c)
	}
}

func magCap(size uint32) uint32 {
	switch {
	case size <= 512:
		return magSlots
	case size <= 4096:
		return 16
	case size <= 16384:
		return 8
	case size <= 32768:
		return 4
	}
	return 2
}

// spanFor is the smallest number of pages that wastes at most an eighth.
func spanFor(block uint32) uint32 {
	for n := uint32(1); n < maxSpan; n++ {
		if space := n * PageSize; space >= block && space%block <= space/8 {
			return n
		}
	}
	return maxSpan
}

// classOf is the class of a payload of that size, classRun if none is so large.
func classOf(size uint64) int {
	if size <= 1024 {
		return int(smallOf[(size+15)/16])
	}
	for c := int(smallOf[len(smallOf)-1]) + 1; c < numClasses; c++ {
		if size <= uint64(classSizes[c]) {
			return c
		}
	}
	return classRun
}

func blockSize(class int) uint64 { return uint64(classSizes[class]) + headerSize }

const rowSize = uint64(unsafe.Sizeof(row{}))
