//! How often what goes wrong; the README of the example says the same.

/// A person shares name and birth date with the one before.
pub const NAMESAKE: f64 = 0.01;
/// A person moved: sources that heard of it late know the old address.
pub const MOVED: f64 = 0.08;
/// A source knows the old address or telephone of a person who has another one by now.
pub const KNOWS_OLD: f64 = 0.5;
/// A person got another telephone number or address of e-mail.
pub const OTHER_CONTACT: f64 = 0.08;
/// A slip in each field.
pub const SLIP_GIVEN: f64 = 0.04;
pub const SLIP_FAMILY: f64 = 0.05;
pub const SLIP_BIRTH: f64 = 0.03;
pub const SLIP_EMAIL: f64 = 0.02;
pub const SLIP_PHONE: f64 = 0.03;
pub const SLIP_STREET: f64 = 0.08;
pub const SLIP_CITY: f64 = 0.04;
pub const SLIP_POSTCODE: f64 = 0.03;
/// The given name is an initial.
pub const INITIAL: f64 = 0.03;
/// Given and family name have changed places.
pub const SWAPPED: f64 = 0.01;
/// A record of a source stands there a second time under another id.
pub const TWICE: f64 = 0.04;
/// A record cannot be used: no id, a birth date that is none, too few fields.
pub const FAULTY: f64 = 0.004;
/// A customer of the shop who has ordered is delivered after the orders.
pub const LATE: f64 = 0.01;
