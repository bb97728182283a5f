//! Small lists of words that tell what a column is about. They need not be complete: a column is judged by the share of
//! its values that are known, and unknown names stand beside known ones.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

fn set(words: &'static str) -> FxHashSet<&'static str> {
    words.split_whitespace().collect()
}

/// True for a given name that is common somewhere.
pub(crate) fn is_given_name(word: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(GIVEN));
    NAMES.contains(word.to_lowercase().as_str())
}

/// True for a family name that is common somewhere.
pub(crate) fn is_surname(word: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(FAMILY));
    NAMES.contains(word.to_lowercase().as_str())
}

/// True for a word that stands in names of streets; also at the end of a longer word (`Bahnhofstrasse`).
pub(crate) fn is_street_word(word: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(STREET));
    const ENDS: [&str; 12] = ["strasse", "straße", "str.", "gasse", "weg", "straat", "gata", "gatan", "vej", "veien", "allee", "platz"];
    let lower = word.to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    WORDS.contains(bare) || bare.len() > 5 && ENDS.iter().any(|end| lower.ends_with(end))
}

/// True for a word that stands in names of companies and other bodies.
pub(crate) fn is_body_word(word: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(BODY));
    WORDS.contains(word.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()))
}

/// True for a city that is known far from it.
pub(crate) fn is_city(text: &str) -> bool {
    static CITIES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| CITY.split(',').map(str::trim).collect());
    CITIES.contains(text.to_lowercase().as_str())
}

/// True for the code of a state of the USA or a province of Canada, or the full name of a state.
pub(crate) fn is_region(text: &str) -> bool {
    static CODES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(REGION));
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| REGION_NAMES.split(',').map(str::trim).collect());
    let lower = text.to_lowercase();
    CODES.contains(lower.as_str()) || NAMES.contains(lower.as_str())
}

/// True for the code of a currency (ISO 4217).
pub(crate) fn is_currency(text: &str) -> bool {
    static CODES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(CURRENCY));
    CODES.contains(text)
}

/// True for the code or the name of a language.
pub(crate) fn is_language(text: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| set(LANGUAGE));
    WORDS.contains(text.to_lowercase().as_str())
}

/// True for a word that says man, woman or neither.
pub(crate) fn is_gender(text: &str) -> bool {
    [
        "male",
        "female",
        "m",
        "f",
        "man",
        "woman",
        "other",
        "diverse",
        "non-binary",
        "nonbinary",
        "x",
        "w",
        "männlich",
        "weiblich",
        "homme",
        "femme",
        "hombre",
        "mujer",
    ]
    .contains(&text.to_lowercase().as_str())
}

const GIVEN: &str = "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler aaron jose adam henry nathan douglas zachary peter kyle walter ethan jeremy harold carl keith roger gerald arthur terry lawrence sean christian austin noah jesse joe bruce billy albert willie dylan alan ralph gabriel juan wayne roy louis philip bobby johnny bradley logan liam oliver lucas mason elijah aiden leo max felix luca ben jonas leon finn elias emil anton moritz oskar karl hans klaus jürgen wolfgang dieter uwe stefan andreas markus martin sebastian tobias florian matthias mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah stephanie dorothy rebecca sharon laura cynthia amy kathleen angela shirley brenda emma anna pamela nicole samantha katherine christine helen debra rachel carolyn janet maria catherine heather diane olivia julie joyce victoria ruth virginia lauren kelly christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria sara janice ann kathryn abigail sophia frances jean alice judy isabella julia grace denise amber doris marilyn danielle beverly charlotte natalie theresa diana brittany kayla alexis lori marie mia ava zoe chloe lena lea leonie clara ida greta frieda ursula monika petra sabine claudia katrin birgit heike giulia francesca chiara sofia martina paola marco giuseppe giovanni antonio mario luigi domenico francesco pierre jacques michel jean-pierre philippe alain claude françois isabelle sylvie nathalie céline camille léa manon chloé carlos luis miguel pedro javier manuel francisco alejandro fernando diego pablo carmen ana isabel pilar rosa lucía elena marta joão pedro tiago rafael bruno beatriz inês ahmed mohamed mohammed muhammad ali omar hassan ibrahim fatima aisha mariam yusuf khaled amina layla wei li ming jing hiroshi takashi yuki sakura haruto kenji akiko yoko priya raj amit rahul anil sunita ravi sanjay deepak anita lars anders erik olof karin ingrid astrid sven björn nils magnus ole kari liv knut mikko jukka timo matti anneli aino ivan sergei dmitri vladimir alexei natalia olga tatiana svetlana irina ekaterina anastasia piotr jan tomasz krzysztof agnieszka katarzyna małgorzata zofia jiří petr pavel jana eva lenka lucie zoltán istván lászló katalin éva margrethe christina nikolai jørgen mette søren kirsten chinedu emeka ngozi amara kwame kofi thabo sipho nomsa lerato severin iolanda marcel tim tom nina paula simone sonja tanja silvia monica veronica mariana gabriela valentina camila alejandra daniela";

const FAMILY: &str = "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schäfer koch bauer richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange werner krause lehmann köhler maier rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa giordano mancini rizzo lombardi moretti dubois durand leroy moreau simon laurent lefebvre michel bertrand roux vincent fournier morel girard fontaine silva santos ferreira pereira oliveira rodrigues alves hansen johansen olsen larsen andersen nielsen jensen pedersen kristensen johansson karlsson nilsson eriksson larsson svensson korhonen virtanen novák svoboda nowak kowalski wiśniewski horvat kovač nagy kovács szabó tóth ivanov petrov sidorov smirnov kuznetsov popov singh kumar sharma gupta khan ahmed hussain chen wang zhang liu yang huang zhao wu zhou tanaka suzuki sato takahashi watanabe ito yamamoto barrett neal kristiansen";

const STREET: &str = "street st road rd avenue ave av blvd boulevard lane ln drive dr court ct place pl square sq highway hwy parkway pkwy terrace ter circle cir way trail trl plaza box rue chemin quai allée allee via viale piazza corso vicolo strada calle avenida carrera camino paseo rua travessa praça largo strasse straße str gasse weg platz ring ufer ulica ul aleja plac utca út ulice náměstí tn tänav tee põik puiestee mnt gata gatan vägen vej vejen vei veien gate katu tie straat laan plein ulitsa prospekt odos cesta ulitza hill close crescent grove mews row walk apt suite unit floor";

const BODY: &str = "inc llc ltd gmbh ag corp corporation company co plc sa sarl bv nv ab oy as kg ohg spa srl group holding holdings partners associates brothers sons bank hospital clinic university college school institute foundation association society club museum library church services service systems solutions technologies technology software industries international enterprises consulting management insurance restaurant cafe cafeteria hotel brewing brewery pharmacy center centre store shop market foods press media studio airlines motors electronics wealth lawn department ministry agency office";

const CITY: &str = "london,paris,berlin,madrid,rome,vienna,amsterdam,brussels,lisbon,dublin,prague,warsaw,budapest,copenhagen,stockholm,oslo,helsinki,athens,zurich,geneva,munich,hamburg,cologne,frankfurt,milan,naples,turin,barcelona,valencia,seville,porto,lyon,marseille,nice,bordeaux,new york,los angeles,chicago,houston,phoenix,philadelphia,san antonio,san diego,dallas,san jose,austin,jacksonville,san francisco,columbus,indianapolis,seattle,denver,washington,boston,nashville,detroit,portland,las vegas,memphis,baltimore,milwaukee,albuquerque,tucson,fresno,sacramento,atlanta,miami,oakland,minneapolis,cleveland,tampa,new orleans,honolulu,anchorage,pittsburgh,cincinnati,st. louis,saint louis,toronto,montreal,vancouver,ottawa,calgary,edmonton,mexico city,buenos aires,rio de janeiro,são paulo,lima,bogotá,santiago,caracas,tokyo,osaka,kyoto,seoul,beijing,shanghai,hong kong,singapore,bangkok,jakarta,manila,hanoi,delhi,mumbai,bangalore,chennai,kolkata,karachi,dhaka,istanbul,ankara,tehran,baghdad,cairo,lagos,nairobi,johannesburg,cape town,sydney,melbourne,brisbane,perth,auckland,moscow,saint petersburg,kiev,kyiv,bucharest,sofia,belgrade,zagreb,ljubljana,tallinn,riga,vilnius,birmingham,manchester,liverpool,glasgow,edinburgh,leeds,bristol";

const REGION: &str = "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr on qc bc ab mb sk ns nb nl pe";

const REGION_NAMES: &str = "alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,florida,hawaii,idaho,illinois,indiana,iowa,kansas,kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,mississippi,missouri,montana,nebraska,nevada,new hampshire,new jersey,new mexico,new york,north carolina,north dakota,ohio,oklahoma,oregon,pennsylvania,rhode island,south carolina,south dakota,tennessee,texas,utah,vermont,virginia,washington,west virginia,wisconsin,wyoming,ontario,quebec,british columbia,alberta,bavaria,bayern,hessen,saxony,sachsen,catalonia,andalusia,tuscany,lombardy,provence,gauteng";

const CURRENCY: &str = "USD EUR GBP JPY CHF CAD AUD NZD CNY HKD SGD SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH INR BRL MXN ARS CLP COP PEN ZAR EGP NGN KES MAD ILS SAR AED QAR KWD THB IDR MYR PHP VND KRW TWD PKR BDT LKR ISK HRK";

const LANGUAGE: &str = "en de fr es it pt nl sv da no fi pl cs sk hu ro bg el tr ru uk ja zh ko ar he hi english german french spanish italian portuguese dutch swedish danish norwegian finnish polish czech hungarian romanian greek turkish russian ukrainian japanese chinese korean arabic hebrew hindi en-us en-gb de-de fr-fr";
