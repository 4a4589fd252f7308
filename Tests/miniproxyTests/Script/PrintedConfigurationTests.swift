import Testing

@testable import miniproxy

/// LANGUAGE.md §13: what a real server loads passes with exactly these warnings, what it refuses is refused here as well.
@Suite("A configuration of the documents", .enabled(if: SharedFiles.configurations != nil, "shared corpus absent"))
struct PrintedConfigurationTests {
    static let clean = [
        "hello-world", "authenticating-mysql", "accounting", "aliases", "auth-policy", "cc-diversion", "cpl-routing",
        "labels", "logging", "missed-calls", "nat-traversal-kamailio", "pstn-acl", "replicate",
        "corrected/hello-world", "corrected/authenticating-mysql", "corrected/call-forwarding",
        "corrected/nat-mediaproxy", "corrected/nat-rtpproxy", "corrected/openser-mcnamara", "corrected/pstn-gateway",
    ]

    @Test("is in one of the two tables, every file of the folder")
    func complete() throws {
        let folder = try #require(SharedFiles.configurations)
        let files =
            SharedFiles.scripts(in: folder) + SharedFiles.scripts(in: folder + "/corrected").map { "corrected/" + $0 }
        #expect(files.sorted() == (Self.clean + Self.printed.map(\.0)).sorted())
    }

    @Test("runs, or is refused for each function that is not there, by its name", arguments: Self.clean)
    func runs(name: String) throws {
        let source = try SharedFiles.configuration(name + ".cfg")
        let calls = ScriptLoader().load(source).checked.calls.values.map(\.function)
        let missing = Set(
            calls.filter { !ScriptLoader.instructions.contains($0.name) && RouteContext.body(of: $0) == nil }.map(
                \.name))
        let loaded = ScriptProgram.load(source)
        #expect((loaded.program != nil) == missing.isEmpty)
        for function in missing { #expect(loaded.report.contains("`\(function)` is not available in this version")) }
    }

    @Test("loads without a word", arguments: Self.clean)
    func loads(name: String) throws {
        #expect(ScriptLoader().load(try SharedFiles.configuration(name + ".cfg")).summary == [])
    }

    static let printed: [(String, [String])] = [
        (
            "nat-rtpproxy",
            ["warning 3:1 misprint", "warning 96:21 misprint", "warning 164:27 suspicious-pattern"]
        ),
        (
            "nat-mediaproxy",
            ["warning 3:1 misprint", "warning 161:11 assignment-in-condition", "error 177:13 unclosed-string"]
        ),
        (
            "pstn-gateway",
            [
                "warning 3:1 misprint", "warning 20:12 misprint", "error 192:17 bad-pattern",
                "error 192:60 extra-parenthesis",
            ]
        ),
        (
            "call-forwarding",
            [
                "warning 3:1 misprint", "error 193:17 bad-pattern", "error 193:60 extra-parenthesis",
                "warning 392:13 misprint", "warning 392:22 misprint", "warning 401:13 misprint",
                "warning 401:22 misprint",
            ]
        ),
        (
            "openser-mcnamara",
            [
                "warning 173:1 misprint", "error 184:20 unclosed-string", "error 187:15 unclosed-string",
                "error 191:17 unclosed-string", "error 197:15 unclosed-string",
            ]
        ),
    ]

    @Test("with defects is told of each, at its line and column", arguments: Self.printed)
    func defects(name: String, findings: [String]) throws {
        #expect(ScriptLoader().load(try SharedFiles.configuration(name + ".cfg")).summary == findings)
    }

    @Test("with defects loads after its repair", arguments: Self.printed.map(\.0))
    func repair(name: String) throws {
        let source = try SharedFiles.configuration(name + ".cfg")
        let fixed = ScriptRepair.repaired(source, ScriptLoader().load(source).diagnostics)
        let repaired = ScriptLoader().load(SourceText(name: "repaired.cfg", bytes: fixed))
        #expect(repaired.summary == [])
    }

    @Test("repaired means what its corrected twin means", arguments: Self.printed.map(\.0))
    func twin(name: String) throws {
        let source = try SharedFiles.configuration(name + ".cfg")
        let fixed = ScriptRepair.repaired(source, ScriptLoader().load(source).diagnostics)
        let repaired = ScriptLoader().load(SourceText(name: "repaired.cfg", bytes: fixed))
        let twin = ScriptLoader().load(try SharedFiles.configuration("corrected/\(name).cfg"))
        let ours = try #require(Program<ScriptedHost>(repaired))
        let theirs = try #require(Program<ScriptedHost>(twin))
        #expect(ours.listing == theirs.listing)
    }

    @Test("chooses its dialect by its words")
    func dialects() throws {
        #expect(ScriptLoader().load(try SharedFiles.configuration("hello-world.cfg")).checked.dialect == .ser)
        #expect(ScriptLoader().load(try SharedFiles.configuration("openser-mcnamara.cfg")).checked.dialect == .modern)
    }
}

extension Program {
    /// The instructions with what they refer to, in words: two programs that mean the same have the same listing.
    var listing: [String] {
        self.instructions.map { instruction in
            var text = "\(instruction.operation) \(instruction.jumpsIf) \(instruction.short) \(instruction.target)"
            switch instruction.operation {
            case .call, .testCall:
                let site = self.sites[Int(instruction.operand)]
                text += " \(self.functions[site.function].name)"
                for index in 0..<site.arguments.count {
                    text += " \(String(decoding: site.arguments.text(index), as: UTF8.self))"
                }
            case .textEquals, .textDiffers: text += " \(self.constants[Int(instruction.operand)])"
            case .textMatches, .statusMatches: text += " \(self.patterns[Int(instruction.operand)].source)"
            default: text += " \(instruction.operand)"
            }
            return text
        }
    }
}
