import SIPKit
import Testing

@Suite("A transport")
struct TransportProtocolTests {
    @Test("is read by both of its names in either case", arguments: TransportProtocol.allCases)
    func names(transport: TransportProtocol) {
        for text in ["\(transport.viaName)", "\(transport.parameterName)", "\(transport.viaName)".lowercased()] {
            let bytes = Array(text.utf8)
            #expect(TransportProtocol(parsing: bytes.span, ByteRange(0, bytes.count)) == transport)
        }
    }

    @Test("that nobody knows is nil", arguments: ["", "ud", "udpx", "dccp", "TLS-SCTP"])
    func unknown(text: String) {
        let bytes = Array(text.utf8)
        #expect(TransportProtocol(parsing: bytes.span, ByteRange(0, bytes.count)) == nil)
    }

    @Test("repeats what is lost, or leaves that to us")
    func reliability() { #expect(TransportProtocol.allCases.filter { !$0.isReliable } == [.udp]) }
}
