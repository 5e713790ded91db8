//! The matcher behind every glob: a program of steps of which all that can be reached are followed at
//! once, so that no pattern can make it backtrack.

/// What one character must be.
#[derive(Clone, Debug)]
pub(super) struct Set {
    /// Ranges of characters, ends included.
    pub ranges: Vec<(u32, u32)>,
    /// Whether the ranges say what it must not be.
    pub negated: bool,
    /// Whether it may be a `/`.
    pub slash: bool,
}

impl Set {
    /// Any character.
    pub fn any(slash: bool) -> Self {
        Self { ranges: Vec::new(), negated: true, slash }
    }

    fn has(&self, symbol: u32) -> bool {
        let listed = self.ranges.iter().any(|&(low, high)| low <= symbol && symbol <= high);
        listed != self.negated && (self.slash || symbol != u32::from(b'/'))
    }
}

/// One step of a program. Targets are positions in it.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Exactly this character.
    Symbol(u32),
    /// One character of a set.
    One(Set),
    /// Go on at any of these positions.
    Fork(Vec<usize>),
}

/// A compiled pattern over symbols (characters or bytes).
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    steps: Vec<Step>,
}

impl Program {
    /// Position of the next step to be added.
    pub fn next(&self) -> usize {
        self.steps.len()
    }

    /// Adds a step.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Adds a step that matches one given character.
    pub fn symbol(&mut self, symbol: impl Into<u32>) {
        self.push(Step::Symbol(symbol.into()));
    }

    /// Adds `set` any number of times.
    pub fn repeat(&mut self, set: Set) {
        let start = self.next();
        self.push(Step::Fork(vec![start + 1, start + 3]));
        self.push(Step::One(set));
        self.push(Step::Fork(vec![start]));
    }

    /// Adds a step that nothing passes.
    pub fn never(&mut self) {
        self.push(Step::Fork(Vec::new()));
    }

    /// Reserves a fork whose targets are set later.
    pub fn reserve(&mut self) -> usize {
        self.never();
        self.next() - 1
    }

    /// Sets the targets of a reserved fork.
    pub fn set_targets(&mut self, fork: usize, targets: Vec<usize>) {
        self.steps[fork] = Step::Fork(targets);
    }

    /// Whether a beginning of the text matches that is not the whole text.
    pub fn matches_beginning(&self, text: &str) -> bool {
        let mut longer = self.clone();
        longer.push(Step::One(Set::any(true)));
        longer.repeat(Set::any(true));
        longer.matches(text.chars().map(u32::from))
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: impl Iterator<Item = u32>) -> bool {
        let end = self.steps.len();
        let mut marks = vec![0; end + 1];
        let mut round = 1;
        let mut here = Vec::with_capacity(8);
        let mut there = Vec::with_capacity(8);
        let mut open = Vec::with_capacity(8);
        let mut enter = |at, active: &mut Vec<usize>, round| {
            open.push(at);
            self.enter(&mut open, active, &mut marks, round);
        };
        enter(0, &mut here, round);
        for symbol in text {
            if here.is_empty() {
                return false;
            }
            round += 1;
            there.clear();
            for &at in &here {
                let passes = match self.steps.get(at) {
                    Some(Step::Symbol(own)) => *own == symbol,
                    Some(Step::One(set)) => set.has(symbol),
                    Some(Step::Fork(_)) | None => false,
                };
                if passes {
                    enter(at + 1, &mut there, round);
                }
            }
            std::mem::swap(&mut here, &mut there);
        }
        here.contains(&end)
    }

    /// Adds the open positions and all that can be reached from them without a character.
    fn enter(&self, open: &mut Vec<usize>, active: &mut Vec<usize>, marks: &mut [u32], round: u32) {
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut marks[at], round) == round {
                continue;
            }
            match self.steps.get(at) {
                Some(Step::Fork(targets)) => open.extend(targets.iter().rev()),
                _ => active.push(at),
            }
        }
    }
}
