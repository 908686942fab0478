package param

var realTimeParams = inGroup(GroupRealTime, []Param{
	{
		ID: RealTime, Name: "real_time", Type: Flags, Min: 0, Max: 7, Default: Num(0), DefaultText: "off",
		Acts:    true,
		Choices: []Choice{{"fast timer", 1}, {"slow timer", 2}, {"everything else", 4}},
		Help: "Which processes are scheduled in real time: the sum of the chosen values. The policies and " +
			"priorities come from the rt_ parameters. If the system refuses, the server logs it and goes on.",
	},
	{
		ID: RTPolicy, Name: "rt_policy", Type: Int, Min: 0, Max: 2, Default: Num(0), Choices: policies, Acts: true,
		Help: "How all processes but the timers are scheduled, if real_time says so. Another number is taken for " +
			"0, with a warning.",
	},
	{
		ID: RTPrio, Name: "rt_prio", Type: Int, Default: Num(0), Acts: true,
		Help: "The priority of all processes but the timers, if real_time says so. It is brought into what the " +
			"policy allows, with a warning.",
	},
	{
		ID: RTTimer1Policy, Name: "rt_timer1_policy", Aliases: []string{"rt_ftimer_policy"},
		Type: Int, Min: 0, Max: 2, Default: Num(0),
		Choices: policies, Acts: true,
		Help: "As rt_policy, for the fast timer.",
	},
	{
		ID: RTTimer1Prio, Name: "rt_timer1_prio", Aliases: []string{"rt_fast_timer_prio", "rt_ftimer_prio"},
		Type: Int, Default: Num(0), Acts: true,
		Help: "As rt_prio, for the fast timer.",
	},
	{
		ID: RTTimer2Policy, Name: "rt_timer2_policy", Aliases: []string{"rt_stimer_policy"},
		Type: Int, Min: 0, Max: 2, Default: Num(0),
		Choices: policies, Acts: true,
		Help: "As rt_policy, for the slow timer.",
	},
	{
		ID: RTTimer2Prio, Name: "rt_timer2_prio", Aliases: []string{"rt_stimer_prio"}, Type: Int, Default: Num(0),
		Acts: true,
		Help: "As rt_prio, for the slow timer.",
	},
})

// policies as configured; they are not the kernel's numbers (sched(7)).
var policies = []Choice{{"SCHED_OTHER", 0}, {"SCHED_RR", 1}, {"SCHED_FIFO", 2}}
