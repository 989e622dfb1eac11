fn main() {
    let mut numbers: Vec<i64> = std::iter::successors(Some(42), |x| Some(x * 16807 % 2147483647)).take(100000).collect();
    numbers.sort();
    println!("{} {} {}", numbers[0], numbers[50000], numbers[99999]);
}
