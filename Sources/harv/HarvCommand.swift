import ArgumentParser
import Glibc
import SIPKit

@main
struct HarvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harv",
        abstract: "Report on SIP traces: what was there, how calls went, what is wrong.",
        discussion: """
            Reads ngrep text of every layout (also as mail programs leave it) and captures (pcap, pcapng), plain or
            packed, from files or from standard input (-).
            """)

    @Argument(help: "Traces to read; - is standard input.")
    var files: [String] = []

    @Option(name: .long, help: "The server whose trace this is, ADDRESS[:PORT]; learned from the messages without.")
    var server: [String] = []

    @Option(name: .long, help: "Rows in each list; 0 for all.")
    var top = 15

    func validate() throws {
        guard !self.files.isEmpty else { throw ValidationError("name a trace to read, or - for standard input") }
        for server in self.server where SocketAddress(server, defaultPort: 5060) == nil {
            throw ValidationError("--server \(server): not an IP address with an optional port")
        }
    }

    func run() throws {
        let begin = Stopwatch.now()
        var trace = TraceRun(paths: self.files)
        trace.servers = self.server.compactMap { SocketAddress($0, defaultPort: 5060) }
        let summary: Summary
        do {
            summary = try trace.run()
        } catch {
            StandardError.write("harv: \(error)\n")
            throw ExitCode(2)
        }
        var report = Report(summary)
        report.top = self.top
        report.elapsed = Stopwatch.now() - begin
        print(report.text(), terminator: "")
        if summary.messages.all.raw == 0 { throw ExitCode(1) }
    }
}

/// What goes to people and not to the next program.
enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// How long something takes.
enum Stopwatch {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
