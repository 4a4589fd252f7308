import SIPKit
import Testing

@testable import sipsak

@Suite("The exporter's addresses")
struct ExporterTests {
    @Test("have their percent signs undone")
    func split() {
        let (path, query) = Exporter.split(Array("/probe?target=sip%3Abob%40h%3A5060&x=%zz&y".utf8))
        #expect(path == "/probe")
        #expect(query == ["target": "sip:bob@h:5060", "x": "%zz", "y": ""])
        #expect(Exporter.split([]).1.isEmpty)
    }

    private func exporter(_ words: String...) throws -> Exporter {
        let options = try OptionReader.read(["--exporter", "127.0.0.1:9797"] + words).options
        return try Exporter(at: SocketAddress(.loopbackV4, 0), options)
    }

    @Test("choose transport and patience, the client's before ours")
    func modules() throws {
        let exporter = try self.exporter()
        let plain = try exporter.probe("sip:a@h", [:], [])
        #expect(plain.transport == nil && plain.timeout == .seconds(5) && plain.isProbe)
        let asked = try exporter.probe("sip:a@h", ["module": "tls", "timeout": "250"], [])
        #expect(asked.transport == .tls && asked.timeout == .milliseconds(250))
        let header = Array("X-Prometheus-Scrape-Timeout-Seconds: 3.5".utf8)[...]
        #expect(try exporter.probe("sip:a@h", [:], [header]).timeout == .seconds(3))
        #expect(try self.exporter("--timeout", "700").probe("sip:a@h", [:], [header]).timeout == .milliseconds(700))
        #expect(throws: UsageError.self) { try exporter.probe("sip:a@h", ["module": "http_2xx"], []) }
        #expect(throws: UsageError.self) { try exporter.probe("sip:a@h", ["timeout": "soon"], []) }
    }

    @Test("are answered with a status when they ask for nothing that is here")
    func refusals() throws {
        let exporter = try self.exporter()
        for (request, status) in [
            ("", "400"), ("POST /probe HTTP/1.1\r\n\r\n", "400"), ("GET /metrics HTTP/1.1\r\n\r\n", "404"),
            ("GET /probe HTTP/1.1\r\n\r\n", "400"), ("GET /probe?target=%00 HTTP/1.1\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\n\r\n", "200"), ("GET /probe?target=sip:a@h&module=x HTTP/1.1\r\n\r\n", "400"),
        ] {
            #expect(exporter.respond(Array(request.utf8)).status.hasPrefix(status), "\(request)")
        }
    }
}

@Suite("A line of one's own")
struct LogFormatTests {
    @Test("has the cells where they were asked for, a dash where there is none")
    func line() throws {
        let format = try LogFormat(#"%{code} %{rtt_ms}ms\t100%% %{server}"#, columns: CSVReporter.columns)
        #expect(format.line(["code": "200", "rtt_ms": "1.2"]) == "200 1.2ms\t100% -")
    }

    @Test("is refused with a name that is no column, and with half a mark")
    func wrong() {
        for text in ["%{nothing}", "%{code", "100 %", "%x"] {
            #expect(throws: UsageError.self) { try LogFormat(text, columns: CSVReporter.columns) }
        }
    }

    @Test("comes once for each answer, and nothing else does")
    func run() throws {
        let run = try Run([
            "--ping", "--count", "2", "--interval", "1", "--log-format", "%{number}:%{code}", "sip:a@192.0.2.7",
        ]) {
            request, _ in [Reply.event(request, "200 OK")]
        }
        #expect(run.out == "1:200\n2:200\n")
    }
}

@Suite("The man page and the completions")
struct ManualTests {
    @Test("have every option that there is a sentence for, and every option has one or is refused")
    func complete() throws {
        let page = Manual.page
        let shells = try ["bash", "zsh", "fish"].map { try Manual.completions($0) }
        for option in OptionTable.all {
            guard OptionHelp.sentence(option.id) != nil else {
                #expect(
                    [.tlsCA, .tlsCertificate, .tlsIgnore].contains(option.id), "--\(option.names[0]) has no sentence")
                continue
            }
            let name = option.names[0]
            #expect(page.contains("\\-\\-" + name.split(separator: "-").joined(separator: "\\-")), "--\(name)")
            for shell in shells { #expect(shell.contains(name)) }
        }
        #expect(throws: UsageError.self) { try Manual.completions("tcsh") }
    }
}

@Suite("The progress line")
struct ProgressBarTests {
    @Test("tells part, rate and what is left")
    func text() {
        #expect(
            ProgressBar.text(done: 50, of: 100, count: 1000, .seconds(10))
                == "[" + String(repeating: "=", count: 15) + ">" + String(repeating: " ", count: 14)
                + "]  50.0%  100/s  ETA 10 s")
        #expect(ProgressBar.text(done: 0, of: 100, count: 0, .zero).hasPrefix("[>"))
        #expect(ProgressBar.text(done: 200, of: 100, count: 1, .seconds(1)).contains("100.0%"))
    }
}
