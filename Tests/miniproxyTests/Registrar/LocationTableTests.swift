import SIPKit
import Testing

@testable import miniproxy

@Suite("A table of contacts")
struct LocationTableTests {
    private let table = LocationTable(name: Array("location".utf8), secret: KeyedHash(key: (1, 2)))

    private func binding(_ uri: String) -> Binding {
        Binding(uri: Array(uri.utf8), expires: 1_000, q: -1, callID: [], cSeq: 1, order: 0, flags: 0)
    }

    /// Sets the contacts of a user.
    private func set(_ user: String, _ uris: [String]) {
        self.table.update(Array(user.utf8), now: 10) { record, _ in record.bindings = uris.map(self.binding) }
    }

    @Test("counts its contacts, however they come and go")
    func counts() {
        #expect(self.table.bindingCount == 0)
        self.set("bob", ["sip:bob@192.0.2.1", "sip:bob@192.0.2.2"])
        self.set("carol", ["sip:carol@192.0.2.3"])
        #expect(self.table.bindingCount == 3)
        self.set("bob", ["sip:bob@192.0.2.2"])
        #expect(self.table.bindingCount == 2)
        self.set("bob", [])
        self.set("nobody", [])
        #expect(self.table.bindingCount == 1)
    }

    @Test("knows a user whose last contact has gone, and no stranger")
    func away() {
        self.set("bob", ["sip:bob@192.0.2.1"])
        self.set("bob", [])
        self.set("nobody", [])
        let since = self.table.withRecord(Array("bob".utf8)) { $0.emptySince }
        #expect(since == 10)
        #expect(self.table.withRecord(Array("nobody".utf8)) { $0.bindings.count } == nil)
        self.set("bob", ["sip:bob@192.0.2.1"])
        let back = self.table.withRecord(Array("bob".utf8)) { $0.emptySince }
        #expect(back == 0)
    }
}
