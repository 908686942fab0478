package tm_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"goser/shm"
	"goser/shm/kill"
	"goser/worker/module/tm"
)

// moment is a part of a step that a worker does in one go: a message, or the
// tick of an advance at which something falls due. total is how many kill points
// it passes.
type moment struct {
	step  int
	tick  int // -1: a message
	total int64
}

// moments plays a scenario, counting.
func moments(t *testing.T, sc scenario) (out []moment) {
	s := newScene(t, smallArena(t), 1, sc)
	defer s.close()
	for i, k := range s.steps {
		if k.advance == 0 {
			kill.Record()
			s.run(k, uint64(i+1), nil)
			_, total := kill.Hits()
			out = append(out, moment{i, -1, total})
			kill.Disarm()
			continue
		}
		for tick := range int(k.advance / simTick) {
			kill.Record()
			s.advance(simTick)
			hits, total := kill.Hits()
			kill.Disarm()
			if hits["wheel.fire.1"] > 0 || tick == 0 {
				out = append(out, moment{i, tick, total})
			}
		}
		s.learn(k)
	}
	return out
}

const simTick = 10 * time.Millisecond

// here has another worker of this process do that moment of the step and die at
// the nth point. What it has sent by then is lost with it.
func here(m moment, nth int64, at *string) death {
	return func(s *scene, k step, raw string, id uint64) bool {
		if m.tick > 0 {
			s.advance(time.Duration(m.tick) * simTick)
		}
		p, err := s.arena.Enter(victim, 1, victim)
		if err != nil {
			s.t.Fatal(err)
		}
		s.nodes = append(s.nodes, s.newNode(p))
		last := len(s.nodes) - 1
		*at = kill.Try("", nth, func() {
			if m.tick < 0 {
				s.deliverAs(last, k.from, raw, id)
				return
			}
			for _, n := range s.nodes {
				n.env.Clock = n.env.Clock.Add(simTick)
			}
			s.nodes[last].env.Fire()
			s.collect(s.nodes[last])
		})
		tm.Forget(s.nodes[last].env)
		s.nodes = s.nodes[:last]
		if *at == "" {
			s.arena.MarkDead(victim)
			_, _ = s.nodes[0].env.Proc().Reap(victim)
		}
		return *at != ""
	}
}

// TestEveryDeath plays each scenario once for every kill point that each of its
// steps passes, every time it is passed, whosoever the point is: the worker dies
// there, and the conversation has to go on as if it had not. GOSER_TM_EVERY is
// the share that is played, one in so many: make kill plays all.
func TestEveryDeath(t *testing.T) {
	every, seed := 80, uint64(time.Now().UnixNano())
	if v := envInt("GOSER_TM_EVERY"); v > 0 {
		every = int(v)
	}
	if v := envInt("GOSER_TM_SEED"); v > 0 {
		seed = uint64(v)
	}
	if raceOn {
		every *= 10
	}
	rnd := rand.New(rand.NewPCG(seed, 3))
	t.Logf("GOSER_TM_SEED=%d GOSER_TM_EVERY=%d", seed, every)
	sum := 0
	for _, sc := range scenes {
		if only := os.Getenv("GOSER_TM_SCENE"); only != "" && only != sc.name {
			continue
		}
		began, deaths, places := time.Now(), 0, map[string]int{}
		for _, m := range moments(t, sc) {
			for nth := int64(1); nth <= m.total; nth++ {
				if rnd.IntN(every) != 0 {
					continue
				}
				at := dieIn(t, sc, m, nth)
				if at == "" {
					break // who has just started passes less points than one of long standing
				}
				deaths++
				places[at]++
			}
		}
		sum += deaths
		t.Logf("%s: %d deaths at %d places in %v", sc.name, deaths, len(places), time.Since(began).Round(time.Millisecond))
	}
	t.Logf("%d deaths", sum)
}

// dieIn plays a scenario with one death and returns where that was.
func dieIn(t *testing.T, sc scenario, m moment, nth int64) (at string) {
	done := false
	defer func() {
		if !done {
			t.Logf("scene %q, step %q, tick %d, death at point %d of %d, %s", sc.name, sc.steps[m.step].name, m.tick, nth, m.total, at)
		}
	}()
	s := newScene(t, smallArena(t), 1, sc)
	defer s.close()
	s.play(m.step, here(m, nth, &at))
	if t.Failed() {
		t.FailNow()
	}
	done = true
	return at
}

func smallArena(t *testing.T) *shm.Arena {
	a, err := shm.NewHeapWith(8<<20, shm.Options{Rows: 8, Seed: [2]uint64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
