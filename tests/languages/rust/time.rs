use std::time::{Duration, Instant};

fn main() {
    // There are no dates in Rust's library: the day from its number, by the proleptic calendar.
    let days = 1704067200 / 86400 + 719468;
    let era = days / 146097;
    let day_of_era = days - era * 146097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, year_of_era + era * 400) } else { (month - 9, year_of_era + era * 400 + 1) };
    println!("{year:04}-{month:02}-{day:02} 00:00:00");
    let begin = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    let ms = begin.elapsed().as_millis();
    println!("{}", if (45..10000).contains(&ms) { "yes" } else { "no" });
}
