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
