import SIPKit
import Testing

@testable import miniproxy

@Suite("A call that goes through a script")
struct CPLRunTests {
    static func call(
        from: String = "sip:alice@example.org", to: String = "sip:2000@server.com", display: String? = nil,
        languages: [String]? = nil, priority: String? = nil, subject: String? = nil, time: Int64 = 0
    ) -> CPLCall {
        CPLCall(
            origin: .init(display: display.map { Array($0.utf8) }, uri: Array(from.utf8)),
            destination: .init(display: nil, uri: Array(to.utf8)),
            originalDestination: .init(display: nil, uri: Array(to.utf8)), subject: subject.map { Array($0.utf8) },
            languages: languages?.map { Array($0.utf8) }, priority: priority.map { Array($0.utf8) }, time: time)
    }

    static func start(_ body: String, _ call: CPLCall = Self.call(), limits: CPLRun.Limits = .init()) throws -> (
        CPLRun, CPLRun.Step
    ) {
        let script = try CPLReader.read(Array("<cpl>\(body)</cpl>".utf8))
        var run = CPLRun(call, limits: limits)
        let step = run.start(script.hasIncoming ? script.incoming : script.outgoing)
        return (run, step)
    }

    static func shared(_ name: String, _ call: CPLCall) throws -> (CPLRun, CPLRun.Step) {
        let script = try CPLReader.read(CPLDocuments.bytes("corrected/\(name).xml"))
        var run = CPLRun(call)
        let step = run.start(script.hasIncoming ? script.incoming : script.outgoing)
        return (run, step)
    }

    static func target(_ uri: String, _ priority: Int = 1000) -> CPLRun.Target {
        CPLRun.Target(uri: Array(uri.utf8), priority: priority)
    }
    static func proxy(_ uris: String..., timeout: Int? = nil) -> CPLRun.Step {
        .proxy(to: uris.map { Array($0.utf8) }, timeout: timeout)
    }

    // MARK: The documents' scripts

    @Test("is screened by its caller", .enabled(if: CPLDocuments.isThere, "the documents' scripts are absent"))
    func screening() throws {
        let reason = Array("I don't take calls from extension 2000".utf8)
        #expect(
            try Self.shared("call-screening", Self.call(from: "sip:2000@server.com")).1
                == .reject(status: 603, reason: reason))
        #expect(try Self.shared("call-screening", Self.call()).1 == .takesDefault)
        #expect(
            try Self.shared("outgoing-screening", Self.call(to: "sip:19005551234@server.com;user=phone")).1
                == .reject(status: 603, reason: Array("Calls to premium rate numbers are not permitted".utf8)))
        #expect(try Self.shared("outgoing-screening", Self.call(to: "tel:+1-202-555-0100")).1 == .takesDefault)
    }

    @Test(
        "rings the desk, then goes where busy and silence lead",
        .enabled(if: CPLDocuments.isThere, "the documents' scripts are absent"))
    func boss() throws {
        var (run, step) = try Self.shared("complex-boss", Self.call())
        #expect(step == Self.proxy("sip:2000@deskphone.server.com", timeout: 8))
        let voicemail = CPLRun.Step.redirect([Self.target("sip:2000@voicemail.server.com")], isPermanent: false)
        var other = run
        #expect(other.ended(status: 486) == voicemail)
        #expect(run.ended(status: 408) == voicemail)
        (run, step) = try Self.shared("complex-boss", Self.call(from: "sip:boss@server.com"))
        #expect(run.ended(status: 408) == Self.proxy("sip:2000@pda.server.com"))
        #expect(run.ended(status: 404) == .passesAnswer)
        (run, step) = try Self.shared("serial-forking", Self.call())
        #expect(step == Self.proxy("sip:2000@pc.server.com", timeout: 8))
        other = run
        #expect(other.ended(status: 486) == .passesAnswer)
        #expect(run.ended(status: 408) == Self.proxy("sip:2000@pda.server.com"))
    }

    @Test("goes by language and priority", .enabled(if: CPLDocuments.isThere, "the documents' scripts are absent"))
    func language() throws {
        func step(_ languages: [String]?, _ priority: String? = nil) throws -> CPLRun.Step {
            try Self.shared("priority-language", Self.call(languages: languages, priority: priority)).1
        }
        #expect(try step(["es"]) == Self.proxy("sip:Spanish@operator.server.com"))
        #expect(try step(["en", "ES"]) == Self.proxy("sip:Spanish@operator.server.com"))
        #expect(try step(nil) == Self.proxy("sip:English@operator.server.com"))
        #expect(try step(["es"], "Emergency") == .takesDefault)
        #expect(try step(["es"], "whatever") == Self.proxy("sip:Spanish@operator.server.com"))
    }

    @Test("goes by the time", .enabled(if: CPLDocuments.isThere, "the documents' scripts are absent"))
    func time() throws {
        func step(_ text: String) throws -> CPLRun.Step {
            let zone = CPLClock.wallSeconds(0, zone: nil)
            return try Self.shared("time-switch", Self.call(time: CPLRecurrenceTests.seconds(text) - zone)).1
        }
        #expect(try step("20261125T103000") == .lookUp(.registration))
        #expect(try step("20261125T173000") == Self.proxy("sip:2000@voicemail.server.com"))
        #expect(try step("20261128T103000") == Self.proxy("sip:2000@voicemail.server.com"))
        var (run, _) = try Self.shared("time-switch", Self.call(time: 1_138_010_400))
        #expect(
            run.found([Self.target("sip:a@1.2.3.4", 500), Self.target("sip:b@1.2.3.4")])
                == Self.proxy("sip:b@1.2.3.4", "sip:a@1.2.3.4"))
    }

    // MARK: Nodes

    @Test("asks for the registrations, and knows when there are none and when nobody knows")
    func lookup() throws {
        let body = """
            <incoming><location url="sip:old@a"><lookup source="registration" clear="yes"><success><proxy/></success>
            <notfound><reject status="notfound"/></notfound><failure><reject status="error"/></failure></lookup></location></incoming>
            """
        var (run, step) = try Self.start(body)
        #expect(step == .lookUp(.registration))
        var other = run
        #expect(other.found([]) == .reject(status: 404, reason: nil))
        other = run
        #expect(other.found(nil) == .reject(status: 500, reason: nil))
        step = run.found([Self.target("sip:new@b")])
        #expect(step == Self.proxy("sip:new@b"))
    }

    @Test("asks one after the other, best first, and tells the best refusal")
    func sequential() throws {
        let body = """
            <incoming><location url="sip:second@a" priority="0.5"><location url="sip:first@a" priority="0.9">
            <proxy ordering="sequential" timeout="5"><busy><reject status="busy"/></busy></proxy></location></location></incoming>
            """
        var (run, step) = try Self.start(body)
        #expect(step == Self.proxy("sip:first@a", timeout: 5))
        step = run.ended(status: 486)
        #expect(step == Self.proxy("sip:second@a", timeout: 5))
        #expect(run.ended(status: 500) == .reject(status: 486, reason: nil))
        let (_, only) = try Self.start(body.replacing("sequential", with: "first-only"))
        #expect(only == Self.proxy("sip:first@a", timeout: 5))
    }

    @Test("follows redirections as often as it may, and never in a circle")
    func redirections() throws {
        let body =
            "<incoming><location url=\"sip:a@a\"><proxy><redirection><redirect permanent=\"yes\"/></redirection></proxy></location></incoming>"
        var (run, _) = try Self.start(body, limits: .init(recursions: 1))
        #expect(
            run.ended(status: 302, contacts: [Self.target("sip:a@a"), Self.target("sip:b@b")]) == Self.proxy("sip:b@b"))
        #expect(
            run.ended(status: 302, contacts: [Self.target("sip:c@c")])
                == .redirect([Self.target("sip:c@c")], isPermanent: true))
        (run, _) = try Self.start(
            body.replacing("<proxy>", with: "<proxy recurse=\"no\">"), limits: .init(recursions: 5))
        #expect(
            run.ended(status: 302, contacts: [Self.target("sip:b@b")])
                == .redirect([Self.target("sip:b@b")], isPermanent: true))
    }

    @Test("leaves notes on its way and goes on")
    func notes() throws {
        var (run, step) = try Self.start(
            "<incoming><log name=\"a\" comment=\"b\"><mail url=\"mailto:x@y\"><reject status=\"410\" reason=\"Gone\"/></mail></log></incoming>"
        )
        #expect(step == .reject(status: 410, reason: Array("Gone".utf8)))
        #expect(run.takeNotes() == [.log(name: "a", comment: "b"), .mail("mailto:x@y")])
        #expect(run.takeNotes() == [])
    }

    @Test("has an end, however a script doubles itself")
    func limits() throws {
        var body =
            "<subaction id=\"0\"><location url=\"sip:a@a\"><proxy><default><location url=\"sip:a@a\"><proxy/></location></default></proxy></location></subaction>"
        for place in 1..<40 {
            body +=
                "<subaction id=\"\(place)\"><location url=\"sip:a@a\"><proxy><busy><sub ref=\"\(place - 1)\"/></busy><noanswer><sub ref=\"\(place - 1)\"/></noanswer></proxy></location></subaction>"
        }
        var (run, step) = try Self.start(body + "<incoming><sub ref=\"39\"/></incoming>")
        var rounds = 0
        while case .proxy = step {
            rounds += 1
            step = run.ended(status: 486)
        }
        #expect(rounds == 10)
        #expect(step == .failed("the script sent the call on more than 10 times"))
    }

    @Test("with nowhere to go fails at once")
    func nowhere() throws {
        #expect(
            try Self.start("<incoming><proxy><failure><reject status=\"error\"/></failure></proxy></incoming>").1
                == .reject(status: 500, reason: nil))
        #expect(
            try Self.start("<incoming><remove-location><redirect/></remove-location></incoming>").1
                == .redirect([Self.target("sip:2000@server.com")], isPermanent: false))
    }

    /// One address-switch: its attributes, the output, the caller, and whether it fits.
    @Test(
        "is told apart by each part of an address",
        arguments: [
            ("subfield=\"host\"", "is=\"EXAMPLE.org\"", true), ("subfield=\"host\"", "subdomain-of=\"org\"", true),
            ("subfield=\"host\"", "subdomain-of=\"ample.org\"", false), ("subfield=\"port\"", "is=\"5060\"", true),
            ("subfield=\"user\"", "is=\"Alice\"", true), ("subfield=\"address-type\"", "is=\"sip\"", true),
            ("", "is=\"sip:alice@EXAMPLE.org\"", true), ("", "is=\"sip:alice@example.org:5061\"", false),
            ("subfield=\"display\"", "contains=\"ALI\"", true), ("subfield=\"tel\"", "is=\"1\"", false),
        ])
    func addresses(_ subfield: String, _ output: String, _ fits: Bool) throws {
        let body =
            "<incoming><address-switch field=\"origin\" \(subfield)><address \(output)><reject status=\"busy\"/></address></address-switch></incoming>"
        #expect((try Self.start(body, Self.call(display: "Alice A.")).1 == .reject(status: 486, reason: nil)) == fits)
    }

    @Test("without the part that is asked for takes not-present")
    func notPresent() throws {
        let body =
            "<incoming><string-switch field=\"subject\"><string is=\"a\"><redirect/></string><not-present><reject status=\"busy\"/></not-present></string-switch></incoming>"
        #expect(try Self.start(body).1 == .reject(status: 486, reason: nil))
        #expect(try Self.start(body, Self.call(subject: "b")).1 == .takesDefault)
    }
}
