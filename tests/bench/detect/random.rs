//! A fixed sequence of random numbers, and the distributions that logs are made of.

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next of a fixed, well mixed sequence (splitmix64).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Even between 0 and 1, neither of them included.
    pub fn even(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.even()
    }

    pub fn below(&mut self, n: u64) -> u64 {
        (self.even() * n as f64) as u64
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.even().ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos()
    }

    pub fn exponential(&mut self) -> f64 {
        -self.even().ln()
    }

    /// By inversion, of chunks that are small enough for it.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (mut left, mut sum) = (mean, 0);
        while left > 0.0 {
            let chunk = left.min(30.0);
            sum += self.counted((-chunk).exp(), |k| chunk / (k + 1.0));
            left -= chunk;
        }
        sum
    }

    /// Poisson around a mean that is Gamma distributed with this shape.
    pub fn negative_binomial(&mut self, mean: f64, shape: f64) -> u32 {
        if mean > 60.0 {
            let level: f64 = (0..shape as usize).map(|_| self.exponential()).sum::<f64>() / shape;
            return self.poisson(mean * level);
        }
        let share = mean / (mean + shape);
        self.counted((1.0 - share).powf(shape), |k| share * (shape + k) / (k + 1.0))
    }

    /// How often a fair coin is thrown until it shows heads.
    pub fn geometric(&mut self) -> u32 {
        1 + (self.next() | 1 << 40).trailing_zeros()
    }

    fn counted(&mut self, first: f64, ratio: impl Fn(f64) -> f64) -> u32 {
        let chance = self.even();
        let (mut term, mut sum, mut count) = (first, first, 0);
        while sum < chance && count < 10_000 {
            term *= ratio(f64::from(count));
            sum += term;
            count += 1;
        }
        count
    }
}
