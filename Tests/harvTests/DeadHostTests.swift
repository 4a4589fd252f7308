import SIPKit
import Testing

@testable import harv

@Suite("Calls into silence: one host's are one finding")
struct DeadHostTests {
    static func findings(_ scene: Scene) -> [String: Finding] {
        Dictionary(uniqueKeysWithValues: DiagnosisTests.findings(scene).map { ($0.diagnosis.id, $0) })
    }

    @Test("three in a row are R26, which takes them in, with one of them as its example")
    func row() {
        let found = Self.findings(Scene.deadHop.happening(4))
        #expect(found["R26"]?.count == 4)
        #expect(found["R26"]?.explained["R27"] == 4)
        #expect(found["R26"]?.explained["R23"] == 4, "and what each of them explained")
        #expect(found["R26"]?.cases.first?.callID == "call-1")
        #expect(found["R26"]?.cases.first?.messages.isEmpty == false)
        #expect(found["R27"] == nil && found["R23"] == nil)
    }

    @Test("two are R27 each")
    func few() {
        let found = Self.findings(Scene.deadHop.happening(2))
        #expect(found["R26"] == nil)
        #expect(found["R27"]?.count == 2)
        #expect(found["R27"]?.cases.map(\.callID) == ["call-1", "call-2"])
    }

    @Test("what was silent before the host answered is no part of the row")
    func before() {
        let scene = Scene.deadHop.then(Scene.call, after: 200, as: "a good call").then(
            Scene.deadHop, after: 400, as: "silence"
        ).then(Scene.deadHop, after: 600, as: "silence").then(Scene.deadHop, after: 800, as: "silence")
        let found = Self.findings(scene)
        #expect(found["R26"]?.count == 3)
        #expect(found["R26"]?.explained["R27"] == 3)
        #expect(found["R27"]?.count == 1)
        #expect(found["R27"]?.cases.map(\.callID) == ["call-1"])
    }

    @Test("a host that says 100 Trying lives, and each of its calls is R27")
    func trying() {
        let found = Self.findings(Scene.deadHop.inserting(.trying(0.2)).happening(4))
        #expect(found["R26"] == nil)
        #expect(found["R27"]?.count == 4)
    }

    @Test("another host's calls stay")
    func others() {
        let elsewhere = { (label: String, scene: Scene) in scene.to(label, "198.51.100.99:5060") }
        var other = Scene.deadHop
        for label in ["INVITE out", "INVITE out again"] { other = elsewhere(label, other) }
        let scene = Scene.deadHop.then(other, after: 200, as: "elsewhere").then(
            Scene.deadHop, after: 400, as: "silence"
        ).then(Scene.deadHop, after: 600, as: "silence")
        let found = Self.findings(scene)
        #expect(found["R26"]?.count == 3)
        #expect(found["R26"]?.explained["R27"] == 3)
        #expect(found["R27"]?.count == 1)
        #expect(found["R27"]?.cases.first?.say.contains("198.51.100.99") == true)
    }
}
