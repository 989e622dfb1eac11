fun main() {
    println("before")
    ProcessBuilder("kill", "-KILL", ProcessHandle.current().pid().toString()).start().waitFor()
    Thread.sleep(60000)
}
