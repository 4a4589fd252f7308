import SIPKit
import Testing

@testable import miniproxy

@Suite("A modern script")
struct ModernTests {
    /// Runs statements over a request from 192.0.2.7 and returns what `$var(x)` holds in the end.
    func value(_ statements: String, of message: Example.Message = .request()) throws -> String {
        let text =
            "loadmodule \"textops.so\" loadmodule \"tm.so\"\nrequest_route { \(statements) }\nroute[TWO] { return 2; }"
            + "\nroute[NO] { return -1; }"
        let loaded = ScriptProgram.load(SourceText(name: "modern.cfg", bytes: Array(text.utf8)))
        let program = try #require(loaded.program, "\(loaded.report)")
        return try message.bytes.withUnsafeBufferPointer { memory in
            var context = try FunctionHarness.context(memory)
            var run = program.run(try #require(program.main))
            #expect(program.start(&run, &context) == .finished)
            let variable = try VariableParser.parse("$var(x)".utf8)
            return String(decoding: context.read(variable).bytes, as: UTF8.self)
        }
    }

    static let calculations: [(String, String)] = [
        ("$var(x) = 1 + 2 * 3;", "7"), ("$var(x) = (1 + 2) * 3;", "9"), ("$var(x) = 7 / 2 - 1;", "2"),
        ("$var(x) = 7 mod 4;", "3"), ("$var(x) = 1 << 4;", "16"), ("$var(x) = 6 ^ 3;", "5"),
        ("$var(x) = -5 + 2;", "-3"),
        ("$var(y) = 3; $var(x) = -$var(y);", "-3"), ("$var(x) = 1 / 0;", "0"),
        ("$var(x) = \"a\" + \"b\" + 1;", "ab1"), ("$var(x) = \"sip:\" + $rU + \"@\" + $rd;", "sip:bob@example.org"),
        ("$var(x) = (int)\"12\" + 1;", "13"), ("$var(x) = (str)12 + 1;", "121"), ("$var(x) = strlen($rU);", "3"),
        ("$var(x) = strempty($du);", "1"), ("$var(x) = defined $du;", "0"), ("$var(x) = $rU == \"bob\";", "1"),
        ("$var(x) = $rU == \"BOB\";", "0"), ("$var(x) = $rm == \"INVITE\" && $rU =~ \"^B\";", "1"),
        ("$var(x) = !($rU == \"bob\");", "0"), ("$var(x) = $du == $null;", "1"), ("$var(x) = $rU != $null;", "1"),
        ("$var(x) = is_method(\"INVITE\");", "1"), ("$var(x) = route(TWO);", "2"), ("route(NO); $var(x) = $rc;", "-1"),
        ("is_method(\"ACK\"); $var(x) = $retcode;", "-1"),
    ]

    @Test("calculates", arguments: Self.calculations)
    func calculates(statements: String, expected: String) throws {
        #expect(try self.value(statements) == expected)
    }

    static let conditions: [(String, Bool)] = [
        ("$var(y)", false), ("!$var(y)", true), ("$rm == \"INVITE\"", true), ("$si == \"192.0.2.7\"", true),
        ("$sp > 5000 and $sp <= 5070", true), ("$msg(len) < 10", false), ("route(TWO) == 2", true),
        ("route(TWO) > 2", false), ("route(NO)", false), ("route(NO) < 0", true), ("is_method(\"ACK\") == -1", true),
        ("uri == \"sip:BOB@example.org\"", true), ("method == $rm", true), ("uri =~ $rU", true),
        ("$(ru{uri.host}) == \"example.org\"", true), ("$hdr(X) == $null", true), ("$rU eq \"bob\"", true),
        ("$ua =~ \"x\"", false),
    ]

    @Test("decides", arguments: Self.conditions)
    func decides(condition: String, expected: Bool) throws {
        let text = "if (\(condition)) { $var(x) = \"yes\"; } else { $var(x) = \"no\"; }"
        #expect(try self.value(text) == (expected ? "yes" : "no"))
    }

    @Test("goes round, and leaves the innermost loop at `break`")
    func loops() throws {
        #expect(
            try self.value("$var(i) = 0; while ($var(i) < 5) { $var(i) = $var(i) + 1; $var(x) = $var(x) + $var(i); }")
                == "15")
        #expect(try self.value("while (1) { $var(x) = $var(x) + 1; if ($var(x) == 4) { break; } }") == "4")
        let nested = """
            while ($var(i) < 3) { $var(i) = $var(i) + 1; $var(j) = 0;
                while ($var(j) < 9) { $var(j) = $var(j) + 1; if ($var(j) == 2) break; $var(x) = $var(x) + 1; } }
            """
        #expect(try self.value(nested) == "3")
    }

    @Test("ends a loop without an end, and goes on behind it")
    func endless() throws {
        #expect(try self.value("while (1) { $var(x) = $var(x) + 1; }") == "100")
        #expect(try self.value("while (1) { while (1) { $var(x) = $var(x) + 1; } }") == "10000")
    }

    static let choices: [(String, String)] = [
        (
            "switch ($rm) { case \"ACK\": $var(x) = 1; break; case \"INVITE\": $var(x) = 2; break; default: $var(x) = 3; }",
            "2"
        ),
        ("switch ($rU) { case \"carol\": $var(x) = 1; break; default: $var(x) = 3; }", "3"),
        ("switch ($rU) { case /^B/: $var(x) = 1; break; case \"bob\": $var(x) = 2; }", "1"),
        ("switch ($rU) { case /\"^B\\w+$\"/: $var(x) = 1; break; case \"bob\": $var(x) = 2; }", "1"),
        // Without `break` the next case runs as well.
        ("switch ($sp) { case 5070: $var(x) = 1; case 1: $var(x) = $var(x) + 1; break; default: $var(x) = 9; }", "2"),
        ("switch (route(TWO)) { case 1: $var(x) = 1; break; case 2: $var(x) = \"two\"; break; }", "two"),
        ("switch ($rU) { case \"carol\": $var(x) = 1; }", "0"),
        ("while ($var(x) < 3) { switch ($var(x)) { case 1: break; } $var(x) = $var(x) + 1; }", "3"),
    ]

    @Test("chooses", arguments: Self.choices)
    func chooses(statements: String, expected: String) throws {
        #expect(try self.value(statements) == expected)
    }

    static let texts: [(String, String)] = [
        ("$(ru{s.len})", "19"), ("$(ru{uri.user}{s.toupper})", "BOB"), ("$(rU{s.substr,1,1})", "o"),
        ("$(rU{s.substr,-2,0})", "ob"), ("$(ru{s.select,1,@})", "example.org"), ("$(rU{s.strip,1})", "ob"),
        ("$(hdr(X)[0])", "a;b=1;c=2"), ("$(hdr(X)[1])", "two"), ("$(hdr(X)[-1])", "two"),
        ("$(hdr(X){param.value,c})", "2"),
        ("$(hdr(Contact){nameaddr.uri}{uri.param,transport})", "tcp"), ("$fU at $fd", "alice at example.org"),
        ("$ci$$", "example$"), ("$tt", "<null>"), ("$rp", "5060"), ("$proto:$Rp", "udp:5060"), ("$cs", "1"),
        ("$(ru{uri.port})", "0"), ("$od", "example.org"), ("$ft/$mt", "1/1"), ("100% sure", "100% sure"),
    ]

    @Test("fills texts", arguments: Self.texts)
    func fills(text: String, expected: String) throws {
        let message = Example.Message.request(
            ["X": "a;b=1;c=2", "x": "two", "Contact": "<sip:alice@192.0.2.7;transport=tcp>"])
        var found: [UInt8] = []
        try message.bytes.withUnsafeBufferPointer { memory in
            var context = try FunctionHarness.context(memory)
            found = try FormatText(parsing: Array(text.utf8), .variables).fill { context.read($0) }
        }
        #expect(String(decoding: found, as: UTF8.self) == expected)
    }

    @Test("writes what can be written")
    func writes() throws {
        #expect(try self.value("$ru = \"sip:carol@192.0.2.9\"; $var(x) = $rU + \" \" + $od;") == "carol example.org")
        #expect(
            try self.value("$rU = \"carol\"; $rd = \"192.0.2.9\"; $rp = 5070; $var(x) = $ru;")
                == "sip:carol@192.0.2.9:5070")
        #expect(try self.value("$rU = $null; $var(x) = $ru;") == "sip:example.org")
        #expect(
            try self.value(
                "$du = \"sip:192.0.2.9;lr\"; $var(x) = $dd; $du = $null; if ($du == $null) $var(x) = $var(x) + \"!\";")
                == "192.0.2.9!")
        #expect(try self.value("$avp(a) = 1; $avp(a) = 2; $var(x) = \"\" + $avp(a) + $(avp(a)[1]);") == "21")
        #expect(try self.value("$avp(s:a) = \"t\"; $avp(a) = $null; $var(x) = defined $avp(a);") == "0")
    }

    @Test("leaves a Request-URI alone that would be none any more")
    func refusesBadURI() throws {
        #expect(try self.value("$rU = \"a b\\r\\nX: y\"; $var(x) = $ru;") == "sip:bob@example.org")
        #expect(try self.value("$ru = \"nonsense\"; $var(x) = $ru;") == "sip:bob@example.org")
    }

    @Test("fills in the arguments of functions")
    func arguments() throws {
        #expect(try self.value("append_hf(\"P-hint: $rU from $si\\r\\n\"); $var(x) = $rc;") == "1")
        #expect(try self.value("$var(p) = \"^Via:\"; if (search($var(p))) { $var(x) = 5; }") == "5")
        #expect(try self.value("$var(n) = 1; strip($var(n)); $var(x) = $rU;") == "ob")
        // A number that the parameter does not take: the function is false, and the log says why.
        #expect(try self.value("$var(n) = 4711; strip($var(n)); $var(x) = $rc;") == "-1")
    }

    static let wrong: [(String, String)] = [
        ("$rx = 1;", "unknown-variable"), ("$si = \"192.0.2.1\";", "bad-operand"),
        ("$var(x) = $ruri;", "unknown-variable"),
        ("$(ru{s.length}) = 1;", "unknown-variable"), ("$var(x) = 1 + is_method(\"A\");", "bad-operand"),
        ("if ($rm == INVITE) exit;", "bad-operand"), ("$var(x) = uri == myself;", "bad-operand"),
        ("append_hf(\"X: $rx\");", "unknown-variable"), ("t_on_failure($var(x));", "bad-argument"),
        ("switch ($rm) { case $rU: exit; }", "bad-operand"), ("switch ($rm) { case /(/: exit; }", "bad-pattern"),
        ("$var = 1;", "unknown-variable"), ("if (is_method(\"ACK\") == \"x\") exit;", "bad-operand"),
        ("switch ($rm) { default: exit; default: exit; }", "unexpected"),
    ]

    @Test("is refused for", arguments: Self.wrong)
    func refuses(statements: String, code: String) {
        let loaded = LoadedScript.loading(
            "loadmodule \"textops.so\" loadmodule \"tm.so\" request_route { \(statements) }")
        #expect(loaded.diagnostics.filter { $0.severity == .error }.map(\.code.rawValue) == [code])
    }

    @Test("cannot be longer in one expression than our stack is deep")
    func chains() {
        for sign in ["||", "&&", "+"] {
            let chain = Array(repeating: "$var(x)", count: 100_000).joined(separator: sign)
            #expect(
                LoadedScript.loading("request_route { if (\(chain)) exit; }").diagnostics.contains {
                    $0.code == .tooDeep
                })
        }
    }
}
