import SIPKit
import Testing

@testable import miniproxy

@Suite("The machine's own addresses")
struct InterfaceAddressesTests {
    @Test("include the loopback, and never an address that nobody can send to")
    func loopback() {
        let found = InterfaceAddresses.all(.v4)
        #expect(found.contains(.loopbackV4))
        #expect(found.allSatisfy { !$0.isAny && !$0.isMulticast && $0.family == .v4 })
        #expect(InterfaceAddresses.all(.v6).allSatisfy { $0.family == .v6 && !$0.isAny })
    }
}
