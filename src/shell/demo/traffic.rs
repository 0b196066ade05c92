//! Makes up what customers, the payment gateway and passing bots ask of the service.
//!
//! Pure: the same seed gives the same requests, at times that are only moved with `evening`.

use std::time::Duration;

use crate::units::Timestamp;

/// One request, as the front proxy hands it to the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When the proxy received it.
    pub at: Timestamp,
    /// The line on the service's standard input, without line end.
    pub line: String,
}

/// Requests a minute, over a whole day.
const MEAN_PER_MINUTE: f64 = 8.0;
/// How far day and night are from that.
const SWING_PER_MINUTE: f64 = 4.0;
const DAY_SECONDS: f64 = 86_400.0;
/// The traffic falls through its mean this long after `evening`, so that the hour that is watched has,
/// taken together, the traffic of an average hour.
const MEAN_AFTER_SECONDS: f64 = 1_800.0;
const MINUTE: Duration = Duration::from_secs(60);

const PRODUCTS: [&str; 8] = ["K110", "K204", "K377", "L015", "L250", "M600", "M731", "P042"];
const PLACES: [&str; 8] = ["10115", "20095", "30159", "04109", "50667", "60311", "80331", "12043"];
const COUPONS: [&str; 5] = ["SAVE10", "SAVE10", "SPRING", "STAFF", "save10"];
const BOTS: [&str; 4] = ["wp-login.php", ".env", "phpmyadmin", "cgi-bin/luci"];

/// Requests in the order of their times, without end.
#[derive(Clone, Debug)]
pub struct Traffic {
    random: Random,
    evening: Timestamp,
    next: Timestamp,
    tick: Timestamp,
    number: u64,
    /// Numbers of the last orders that were whole, for the gateway to answer about.
    orders: [u64; 8],
    gateway_trouble: bool,
}

impl Traffic {
    /// Starts at `from`, numbering requests from `number`. `evening` is when the daily traffic falls
    /// towards its mean; day and night follow from it.
    #[must_use]
    pub fn new(seed: u64, from: Timestamp, evening: Timestamp, number: u64) -> Self {
        let tick = from.minute().plus(1).start();
        let mut traffic = Self {
            random: Random(seed),
            evening,
            next: from,
            tick,
            number,
            orders: [number; 8],
            gateway_trouble: false,
        };
        traffic.next = traffic.arrival_after(from);
        traffic
    }

    /// Makes the payment gateway time out twice as often as it does, or stops that.
    pub fn set_gateway_trouble(&mut self, trouble: bool) {
        self.gateway_trouble = trouble;
    }

    /// When the next request comes.
    #[must_use]
    pub fn peek(&self) -> Timestamp {
        self.next.min(self.tick)
    }

    /// Makes the next request.
    pub fn take(&mut self) -> Request {
        let at = self.peek();
        self.number += 1;
        let body = if at == self.tick {
            self.tick = self.tick.after(MINUTE);
            "tick -".to_owned()
        } else {
            self.next = self.arrival_after(at);
            self.customer_request()
        };
        Request { at, line: format!("{} {} {body}", stamp(at), self.number) }
    }

    /// Draws the next arrival of a Poisson process that breathes with the day.
    fn arrival_after(&mut self, at: Timestamp) -> Timestamp {
        let from_evening = (at.micros() - self.evening.micros()) as f64 / 1e6 - MEAN_AFTER_SECONDS;
        let phase = from_evening / DAY_SECONDS * std::f64::consts::TAU;
        let per_second = (MEAN_PER_MINUTE - SWING_PER_MINUTE * phase.sin()) / 60.0;
        let gap = -(1.0 - self.random.unit()).ln() / per_second;
        at.after(Duration::from_secs_f64(gap))
    }

    fn customer_request(&mut self) -> String {
        match self.random.below(1000) {
            0..500 => self.order(),
            500..760 => self.payment(),
            760..992 => self.quote(),
            _ => format!("{} -", self.random.pick(&BOTS)),
        }
    }

    fn order(&mut self) -> String {
        let customer = 1000 + self.random.below(8000);
        let product = self.product();
        let quantity = self.quantity();
        // A partner's till sometimes loses the line in the middle of an order.
        if self.random.below(1000) < 5 {
            return format!("place C{customer},{product},{quantity}");
        }
        let coupon = if self.random.below(100) < 20 { self.random.pick(&COUPONS) } else { "" };
        let currency = ["EUR", "EUR", "EUR", "EUR", "USD", "CHF"];
        let currency = self.random.pick(&currency);
        // Who collects an order in the shop gives no postcode.
        let postcode = if self.random.below(100) < 30 { "" } else { self.random.pick(&PLACES) };
        self.orders.rotate_right(1);
        self.orders[0] = self.number;
        format!("place C{customer},{product},{quantity},{coupon},{currency},{postcode}")
    }

    fn payment(&mut self) -> String {
        let nth = self.random.below(self.orders.len() as u64) as usize;
        let order = self.orders.get(nth).copied().unwrap_or(self.number);
        let timeouts = if self.gateway_trouble { 200 } else { 100 };
        match self.random.below(1000) {
            draw if draw < timeouts => format!("payment {order},timeout,{}", 1500 + self.random.below(12)),
            900..960 => format!("payment {order},declined,{}", 90 + self.random.below(200)),
            960..963 => format!("payment {order},busy,{}", 20 + self.random.below(20)),
            _ => format!("payment {order},ok,{}", 110 + self.random.below(300)),
        }
    }

    fn quote(&mut self) -> String {
        let product = self.product();
        let quantity = self.quantity();
        let coupon = if self.random.below(100) < 10 { "SPRING" } else { "" };
        let age = if self.random.below(100) < 2 { 1_801 + self.random.below(4_000) } else { self.random.below(1_500) };
        format!("quote {product},{quantity},{coupon},{age}")
    }

    /// A product, or rarely one that is sold no more.
    fn product(&mut self) -> &'static str {
        if self.random.below(1000) < 3 { "K099" } else { self.random.pick(&PRODUCTS) }
    }

    fn quantity(&mut self) -> u64 {
        match self.random.below(100) {
            0..62 => 1,
            62..84 => 2,
            84..98 => 3 + self.random.below(2),
            _ => 6 + self.random.below(8),
        }
    }
}

/// The line of a request, at its own time or at `earliest`, whichever is later.
pub(super) fn moved(request: &Request, earliest: Timestamp) -> String {
    match request.line.split_once(' ') {
        Some((_, rest)) if request.at < earliest => format!("{} {rest}", stamp(earliest)),
        _ => request.line.clone(),
    }
}

/// Writes a time as the proxy does: RFC 3339 in UTC, always with milliseconds.
pub(super) fn stamp(at: Timestamp) -> String {
    match jiff::Timestamp::from_microsecond(at.micros()) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => at.to_string(),
    }
}

/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): small, and the same everywhere.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in `0.0..1.0`.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0..bound`; the bias is below one in 10^15 for the bounds used here.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let index = self.below(from.len() as u64) as usize;
        from.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
