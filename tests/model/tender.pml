/* The tender core: deadline, close, opening by two shares, award, release of a security.

   Two workers serve requests, two schedulers tick. Each `atomic` is one locked transaction.
   All that matters of a time is whether it is at or past the deadline, so time is a bit. It is
   what `READ` gives: the clock's, but never before the head row's (written by ticks) or what the
   process itself has read before: the high-water mark.

   Correct:   M0 (the clock only goes forward)   M8 (the clock jumps back as well)
   Mutants, each of which must be found:
     M1 the deadline is read when the upload starts      M5 pay, then record
     M2 two schedulers check, then set                   M6 clock back and no lazy close
     M3 a share is accepted in any phase                 M7 both officials finish the opening
     M4 award: check, then insert
     R1 a page shows a time past the deadline and keeps no mark of it        (clock back)
     R2 a refusal rolls the close back with what it refuses                  (clock back)
   tests/model/test_model.py runs them all. */
#if defined(M6) || defined(M8) || defined(R1) || defined(R2)
#define BACK
#endif

mtype = { BIDDING, CLOSED, OPENING, OPENED, AWARDED };
mtype phase = BIDDING;
bool now = false;        /* the host's or the database's clock is at or past the deadline */
bool head = false;       /* the head row's mark is, written by ticks */
bool mark[2];            /* this worker has read such a time */

bool accepted[2];
bool share[2];
byte awards = 0, paid = 0, closings = 0, openings = 0;
bool ordered = false;    /* the unique key of the release */

/* ghosts */
bool seen = false;       /* an act or tick that read a time at or past the deadline was answered */
bool shown[2];           /* this worker has shown such a time on a page */

#define READ(w, t)  t = (now || mark[w] || head); mark[w] = t
#define CLOSE       phase = CLOSED; closings++; assert(closings == 1)
#define ACCEPT(i)   accepted[i] = true; assert(!seen && !shown[i])      /* I04, I05 */

active proctype Clock() {
  now = true;
#ifdef BACK
  do :: now = false; now = true :: break od
#endif
}

/* A tenderer whose last byte reaches worker i; the answer may be lost, then it asks again. */
proctype Tenderer(byte i) {
  bool t = false, ok = false, late = false, again_ = false;
again:
#ifdef M1
  t = now; ok = (phase == BIDDING && !t);
  if :: ok -> atomic { ok = true; accepted[i] = true; assert(!now) } :: else fi;
#else
#if !defined(M6) && !defined(R2)
  atomic {                                  /* close_if_due, in a transaction of its own */
    READ(i, t);
    if :: t && phase == BIDDING -> CLOSE :: else fi
  }
#endif
  atomic {
#ifdef M6
    t = now;
#else
    READ(i, t);
#endif
    if
    :: accepted[i] -> ok = true             /* the same answer again */
    :: !accepted[i] && phase == BIDDING && !t -> ACCEPT(i); ok = true
    :: else -> late = t                     /* rolled back: nothing of this stays */
    fi;
#ifdef R2
    if :: late -> seen = true :: else fi;   /* what closed the lot was rolled back too */
#endif
#ifdef M6
    if :: late -> seen = true :: else fi;
#endif
    t = false
  }
#if !defined(M6) && !defined(R2)
  if :: late -> atomic {
          READ(i, t);
          if :: t && phase == BIDDING -> CLOSE :: else fi;
          seen = true; late = false; t = false
        }
     :: else
  fi;
#endif
#endif
  if :: !again_ -> again_ = true; ok = false; goto again   /* refused, or the answer was lost */
     :: skip
  fi
}

/* A page served by worker w. It closes nothing. */
proctype Page(byte w) {
  bool t = false;
  atomic {
#ifdef R1
    t = now;
#else
    READ(w, t);
#endif
    if :: t -> shown[w] = true :: else fi; t = false
  }
}

proctype Scheduler() {
  bool due = false;
  (now || head || phase != BIDDING);      /* earlier ticks find nothing due */
#ifdef M2
  due = (phase == BIDDING);
  if :: due -> atomic { head = true; phase = CLOSED; closings++; assert(closings == 1) } :: else fi
#else
  atomic {
#ifndef M6
    head = true;
#endif
    if :: phase == BIDDING -> CLOSE; seen = true :: else fi
  }
#endif
}

proctype Official(byte k) {
#ifdef M3
  atomic { share[k] = true;
           if :: share[0] && share[1] -> assert(phase != BIDDING) :: else fi }
#else
  (phase == CLOSED || phase == OPENING);
  atomic {
    if :: phase == CLOSED -> phase = OPENING :: else fi;
    if :: phase == OPENING -> share[k] = true :: else fi
  }
#ifdef M7
  if :: share[0] && share[1] -> atomic { phase = OPENED; openings++; assert(openings == 1) }
     :: else fi
#else
  atomic {
    if :: phase == OPENING && share[0] && share[1] ->
          phase = OPENED; openings++; assert(openings == 1)
       :: else fi
  }
#endif
#endif
}

proctype Award() {
#ifdef M4
  bool none = false;
#endif
  (phase == OPENED || phase == AWARDED);
#ifdef M4
  none = (awards == 0);
  if :: none -> atomic { awards++; phase = AWARDED; assert(awards == 1) } :: else fi
#else
  atomic { if :: awards == 0 -> awards++; phase = AWARDED; assert(awards == 1) :: else fi }
#endif
}

proctype Release() {
#ifdef M5
  bool todo = false;
#endif
  (phase == AWARDED);
#ifdef M5
  todo = !ordered;
  if :: todo -> paid++; assert(paid == 1); ordered = true :: else fi
#else
  atomic { if :: !ordered -> ordered = true; paid++; assert(paid == 1) :: else fi }
#endif
}

init {
  atomic {
    run Tenderer(0); run Tenderer(1); run Page(0);
    run Scheduler(); run Scheduler();
    run Official(0); run Official(1);
    run Award(); run Award(); run Release(); run Release()
  }
}
