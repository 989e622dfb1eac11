// SPDX-License-Identifier: Apache-2.0
// What piston_rs gets from the server of the first argument, with the key of the second, as a line of JSON.
use piston_rs::{Client, Executor, File};
use serde_json::{json, Value};

fn program(language: &str, name: &str, text: &str) -> Executor {
    Executor::new().set_language(language).add_file(File::default().set_name(name).set_content(text))
}

async fn run(client: &Client, executor: Executor) -> Value {
    let answer = client.execute(&executor).await.expect("an answer");
    json!({
        "status": answer.status, "language": answer.language, "stdout": answer.run.stdout, "stderr": answer.run.stderr,
        "code": answer.run.code, "signal": answer.run.signal, "compile": answer.compile.map(|stage| stage.code),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let words: Vec<String> = std::env::args().collect();
    let client = Client::with_url_and_key(&words[1], &words[2]);
    let runtimes = client.fetch_runtimes().await.expect("a list of runtimes");
    let plain = program("py", "", "import sys; print(sys.argv[1:], input())").add_args(vec!["a", "b"]).set_stdin("read");
    let late = program("python", "", "while True: pass").set_run_timeout(300);
    let hex = program("python", "", "print(open('data').read())").add_file(File::new("data", "6869", "hex"));
    println!(
        "{}",
        json!({
            "aliases": runtimes.iter().find(|row| row.language == "python").map(|row| row.aliases.clone()),
            "plain": run(&client, plain).await,
            "hex": run(&client, hex).await,
            "late": run(&client, late).await,
            "compiled": run(&client, program("c", "main.c", "int main(void) { return 3; }")).await,
            "broken": run(&client, program("c", "main.c", "int main(void) {")).await,
            "unknown": run(&client, program("klingon", "", "1")).await,
        })
    );
}
