//! Places on the earth, and how far apart they are.

use std::cmp::Ordering;

/// The mean radius of the earth in kilometres (IUGG 1980).
const RADIUS: f64 = 6_371.008_8;

/// A place in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    latitude: f64,
    longitude: f64,
}

impl Place {
    /// What is no place.
    pub const NOWHERE: Self = Self { latitude: f64::NAN, longitude: f64::NAN };

    /// `52.52, 13.405`, with a comma, semicolon or space between, or `POINT(13.405 52.52)`.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let point = text.get(..5).filter(|t| t.eq_ignore_ascii_case("point")).map(|_| text[5..].trim());
        let inner = point.unwrap_or(text).trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']') || c.is_whitespace());
        let mut numbers = inner.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace()).filter(|part| !part.is_empty());
        let (first, second) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let (latitude, longitude): (f64, f64) = if point.is_some() { (second, first) } else { (first, second) };
        let there = latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && numbers.next().is_none();
        there.then_some(Self { latitude, longitude })
    }

    pub fn nowhere(self) -> bool {
        self.latitude.is_nan()
    }

    /// Kilometres along the surface of a sphere (Sinnott 1984, "Virtues of the haversine").
    pub fn km(self, other: Self) -> f64 {
        let haversine = |angle: f64| (angle.to_radians() / 2.0).sin().powi(2);
        let turn = self.latitude.to_radians().cos() * other.latitude.to_radians().cos();
        let h = haversine(self.latitude - other.latitude) + turn * haversine(self.longitude - other.longitude);
        2.0 * RADIUS * h.clamp(0.0, 1.0).sqrt().asin()
    }

    /// From south to north, then from west to east.
    pub fn order(self, other: Self) -> Ordering {
        self.latitude.total_cmp(&other.latitude).then(self.longitude.total_cmp(&other.longitude))
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_are_read_as_people_write_them() {
        let berlin = Place { latitude: 52.52, longitude: 13.405 };
        for text in ["52.52, 13.405", "52.52;13.405", " 52.52 13.405 ", "(52.52,13.405)", "POINT(13.405 52.52)", "point (13.405 52.52)"] {
            assert_eq!(Place::read(text), Some(berlin), "{text}");
        }
        for text in ["", "52.52", "95, 10", "1, 181", "a, b", "1, 2, 3", "NaN, 1", "poin", "päää"] {
            assert_eq!(Place::read(text), None, "{text}");
        }
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let place = |text| Place::read(text).unwrap();
        // Berlin and Munich are about 504 km apart; a degree on the equator is 111.2 km.
        for (a, b, km) in
            [("52.52,13.405", "48.137,11.575", 504.0), ("0,0", "0,1", 111.2), ("0,179.5", "0,-179.5", 111.2), ("90,0", "-90,0", 20_015.0)]
        {
            assert!((place(a).km(place(b)) - km).abs() / km < 0.002, "{a} {b}: {}", place(a).km(place(b)));
            assert!((place(a).km(place(b)) - place(b).km(place(a))).abs() < 1e-9);
        }
    }
}
