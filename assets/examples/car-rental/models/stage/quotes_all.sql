-- +++
-- description = "All quotes of all brokers, in one shape."
-- keys = ["broker", "quote_id"]
-- materialise = "view"
--
-- [[checks]]
-- check = "unique"
-- columns = ["broker", "quote_id"]
-- action = "fail"
--
-- [[checks]]
-- check = "row_count"
-- min = 1
-- action = "fail"
--
-- [[checks]]
-- check = "accepted_values"
-- column = "pickup_city"
-- values = [
--     "Lisbon", "Porto", "Faro", "Madrid", "Barcelona", "Palma", "Malaga", "Seville", "Alicante", "Tenerife",
--     "Paris", "Nice", "Lyon", "Marseille", "Bordeaux", "Geneva", "Zurich", "Munich", "Frankfurt", "Berlin",
--     "Hamburg", "Dusseldorf", "Vienna", "Prague", "Budapest", "Warsaw", "Rome", "Milan", "Venice", "Naples",
--     "Catania", "Palermo", "Olbia", "Athens", "Heraklion", "London", "Manchester", "Edinburgh", "Dublin",
--     "Amsterdam", "Brussels", "Copenhagen", "Oslo", "Stockholm", "Helsinki", "Reykjavik", "Malta", "Split"
-- ]
-- description = "A slip in the name of a place; matching forgives it, and the most frequent spelling survives."
-- +++
select * from ref('clean.alpha')
union all by name
select * from ref('clean.bravo')
union all by name
select * from ref('clean.charlie')
