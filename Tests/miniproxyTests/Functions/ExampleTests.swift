import SIPKit
import Testing

@testable import miniproxy

@Suite("A function of scripts")
struct ExampleTests {
    /// One example of one function, with a name for the runner.
    struct Case: CustomTestStringConvertible, Sendable {
        let function: ScriptFunction
        let example: Example
        var testDescription: String { "\(self.function.name) \(self.example.sentence)" }
    }

    static let functions: [ScriptFunction] = {
        var names: Set<String> = []
        return ([ModuleTable.core] + ModuleTable.all).flatMap(\.functions).filter { names.insert($0.name).inserted }
    }()
    static let cases = Self.functions.flatMap { function in
        function.examples.map { Case(function: function, example: $0) }
    }

    @Test("does what its examples say", arguments: Self.cases)
    func example(_ one: Case) throws {
        let module = ModuleTable.all.first { $0.function(named: one.function.name) != nil }
        let load = module.map { "loadmodule \"\($0.name).so\"\n" } ?? ""
        // Flags say which way the script went: 1 yes, 2 no, 3 went on.
        let head = one.example.block == .request ? "route" : "route { break; } \(one.example.block.keyword)[1]"
        let text = load + "\(head) { if (\(one.example.call)) { setflag(1); } else { setflag(2); } setflag(3); }"
        let loaded = ScriptProgram.load(SourceText(name: "example", bytes: Array(text.utf8)))
        let program = try #require(loaded.program, "\(loaded.report)")

        let bytes = one.example.message.bytes
        try bytes.withUnsafeBufferPointer { memory in
            var context = try FunctionHarness.context(memory)
            let block = program.block(one.example.block, named: one.example.block == .request ? "" : "1")
            var run = program.run(try #require(block))
            #expect(program.start(&run, &context) == .finished)
            let verdict: FunctionResult = context.flags & 2 != 0 ? .yes : context.flags & 4 != 0 ? .no : .stop
            #expect(verdict == one.example.verdict)
            #expect((context.flags & 8 != 0) == (one.example.verdict != .stop))
            if let uri = one.example.requestURI {
                #expect(String(decoding: context.requestURIBytes, as: UTF8.self) == uri)
            }
            let after = try SIPMessage(parsing: context.edits.apply(to: bytes))
            for (name, value) in one.example.leaves {
                #expect(after.first(named: name).map { after.text($0) } == value, "\(name)")
            }
        }
    }

    @Test("with a body has examples, and one with examples has a body", arguments: Self.functions.map(\.name))
    func complete(name: String) throws {
        let hasBody = FunctionBodies.named(name) != nil || Self.instructions.contains(name)
        #expect(hasBody == !FunctionExamples.of(name).isEmpty)
    }

    /// What the compiler makes instructions of.
    static let instructions: Set = ["setflag", "resetflag", "isflagset"]

    @Test("of a core module has a body")
    func coreModules() {
        let modules = [
            "sl", "tm", "rr", "maxfwd", "usrloc", "registrar", "auth", "auth_db", "uri", "siputils", "uri_db", "domain",
            "textops", "xlog", "acc", "permissions", "group", "avpops",
        ]
        let found = ModuleTable.all.filter { modules.contains($0.name) }
        #expect(Set(found.map(\.name)) == Set(modules))
        let functions = ([ModuleTable.core] + found).flatMap(\.functions).map(\.name)
        #expect(Set(functions.filter { FunctionBodies.named($0) == nil }) == Self.instructions)
    }

    @Test("with a body or with examples is declared")
    func declared() {
        let names = Set(Self.functions.map(\.name))
        #expect(FunctionExamples.table.keys.filter { !names.contains($0) } == [])
        #expect(FunctionBodies.names.filter { !names.contains($0) } == [])
    }

    @Test("stands in the manual as it is declared")
    func manual() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let file = try ScriptFile.read("/\(root)/docs/script-functions.md")
        #expect(
            String(decoding: file.bytes, as: UTF8.self) == FunctionManual.text,
            "run: miniproxy functions > docs/script-functions.md")
    }

    @Test("that rewrites the Contact twice does it once")
    func contactTwice() throws {
        let text =
            "loadmodule \"nathelper.so\"\nroute { fix_nated_contact(); if (!fix_nated_contact()) { setflag(1); } }"
        let program = try #require(ScriptProgram.load(SourceText(name: "x", bytes: Array(text.utf8))).program)
        let bytes = Example.Message.request(["Contact": "<sip:a@10.0.0.1>"]).bytes
        try bytes.withUnsafeBufferPointer { memory in
            var context = try FunctionHarness.context(memory)
            var run = program.run(try #require(program.main))
            _ = program.start(&run, &context)
            #expect(context.flags == 2)
            let after = try SIPMessage(parsing: context.edits.apply(to: bytes))
            #expect(after.text(.contact) == "<sip:a@192.0.2.7:5070>")
        }
    }

    @Test("on attributes finds what another has written")
    func attributes() throws {
        let text = """
            loadmodule "avpops.so"
            route {
                avp_write("$ruri", "s:a");
                if (avp_check("s:a", "eq/$ruri/i")) { setflag(1); }
                avp_write("i:7", "i:3");
                if (avp_check("i:3", "gt/i:5")) { setflag(2); }
                if (avp_check("i:3", "lt/i:5")) { setflag(3); }
                if (avp_check("s:a", "re/^sip:b")) { setflag(4); }
                avp_write("s:sip:carol@192.0.2.9", "s:f");
                if (avp_pushto("$ruri", "s:f")) { setflag(5); }
                if (avp_delete("s:f")) { setflag(6); }
                if (avp_delete("s:f")) { setflag(7); }
            }
            """
        let program = try #require(ScriptProgram.load(SourceText(name: "x", bytes: Array(text.utf8))).program)
        try Example.Message.request().bytes.withUnsafeBufferPointer { memory in
            var context = try FunctionHarness.context(memory)
            var run = program.run(try #require(program.main))
            _ = program.start(&run, &context)
            #expect(context.flags == 0b0111_0110)
            #expect(String(decoding: context.requestURIBytes, as: UTF8.self) == "sip:carol@192.0.2.9")
        }
    }

    @Test("xlog fills in what the message has, and says <null> for the rest")
    func logFormat() throws {
        let message = Example.Message.request(["Contact": "<sip:a@b>", "X-A": "1", "x-a": "2"])
        try message.bytes.withUnsafeBufferPointer { memory in
            var context = try FunctionHarness.context(memory)
            func fill(_ text: String) -> String {
                let format = try? FormatText(parsing: Array(text.utf8), .log)
                return String(decoding: format?.fill { context.read($0) } ?? [], as: UTF8.self)
            }
            #expect(fill("%rm %ru %is:%%") == "INVITE sip:bob@example.org 192.0.2.7:%")
            #expect(fill("$fU $fu $ft %tt") == "alice sip:alice@example.org 1 <null>")
            #expect(fill("%{X-A} %{X-A[1]} %{X-A[2]}") == "1 2 <null>")
            #expect(fill("100% $5 %") == "100% $5 %")
        }
    }
}
