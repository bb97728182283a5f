//! What a customer asks for: a car of a class, at a place, from when to when.

use super::dice::{Dice, Stream};
use super::moment::{DAY, Day, HOUR, MINUTE, Moment};
use super::rates;
use super::words::{CLASSES, PLACES};

/// One request. All quotes for it are duplicates of one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Its number, from 0, in the order of days.
    pub index: u64,
    /// The customer's number.
    pub person: u64,
    /// When it was made.
    pub at: Moment,
    /// Where the car is picked up: a position in the list of places.
    pub place: usize,
    /// What is rented: a position in the list of classes.
    pub class: usize,
    /// When the car is picked up.
    pub pickup: Moment,
    /// When it is returned.
    pub back: Moment,
}

/// What all requests of one generation have in common.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// The seed.
    pub seed: u64,
    /// How many customers there are.
    pub people: u64,
}

/// Request number `index`, made on `day`. `first_of_day` is the number of the day's first request.
pub fn request(world: World, index: u64, day: Day, first_of_day: u64) -> Request {
    let mut dice = Dice::new(world.seed, Stream::Request, index);
    if index > first_of_day && dice.chance(rates::SECOND_THOUGHT) {
        return second_thought(own(world, index - 1, day), index, &mut dice);
    }
    own(world, index, day)
}

fn own(world: World, index: u64, day: Day) -> Request {
    // The first draw decides about second thoughts.
    let mut dice = Dice::new(world.seed, Stream::Request, index);
    dice.unit();
    let person = dice.below(world.people as usize) as u64;
    // People ask between seven in the morning and eleven at night, most of them in the afternoon.
    let second = 7 * HOUR + ((dice.unit() + dice.unit()) * 8.0 * HOUR as f64) as i64;
    let place = dice.front_heavy(PLACES.len());
    let class = dice.weighted(CLASSES.iter().map(|c| c.share));
    let lead = 1 + dice.front_heavy(110) as Day;
    let length = 1 + dice.front_heavy(15) as Day;
    let pickup = Moment::at(day + lead, half_hour(&mut dice));
    let back = Moment::at(day + lead + length, half_hour(&mut dice));
    Request { index, person, at: Moment::at(day, second), place, class, pickup, back }
}

/// A time between eight in the morning and half past eight in the evening.
fn half_hour(dice: &mut Dice) -> i64 {
    8 * HOUR + dice.below(26) as i64 * 30 * MINUTE
}

/// The same customer asks again, for other days or another place: not a duplicate, though nearly everything agrees.
fn second_thought(first: Request, index: u64, dice: &mut Dice) -> Request {
    let at = Moment(first.at.0 + (3 + dice.below(40) as i64) * MINUTE);
    let mut next = Request { index, at, ..first };
    let days = (1 + dice.below(9) as i64) * DAY;
    match dice.below(4) {
        0 => next.place = (next.place + 1 + dice.below(PLACES.len() - 1)) % PLACES.len(),
        1 => {
            next.pickup = next.pickup.plus(days);
            next.back = next.back.plus(days);
        }
        2 => {
            next.pickup = next.pickup.plus(days);
            next.back = next.back.plus(days + DAY);
        }
        _ => next.back = next.back.plus(days.max(2 * DAY)),
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_make_sense() {
        let world = World { seed: 42, people: 5_000 };
        for index in 0..5_000 {
            let r = request(world, index, 20_400, 0);
            assert!(r.at < r.pickup && r.pickup < r.back, "{r:?}");
            assert!(r.person < 5_000 && r.place < PLACES.len() && r.class < CLASSES.len());
            assert_eq!(r.at.day(), 20_400);
        }
    }

    #[test]
    fn a_second_thought_is_another_request_of_the_same_customer() {
        let world = World { seed: 42, people: 1_000_000 };
        let requests: Vec<Request> = (0..20_000).map(|i| request(world, i, 20_400, 0)).collect();
        let pairs: Vec<_> = requests.windows(2).filter(|w| w[0].person == w[1].person).collect();
        let share = pairs.len() as f64 / requests.len() as f64;
        assert!((share - rates::SECOND_THOUGHT).abs() < 0.005, "{share}");
        assert!(pairs.iter().all(|w| (w[0].place, w[0].pickup, w[0].back) != (w[1].place, w[1].pickup, w[1].back)));
    }
}
