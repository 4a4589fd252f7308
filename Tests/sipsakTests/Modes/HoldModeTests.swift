import SIPKit
import Testing

@testable import sipsak

@Suite("--register-hold")
struct HoldModeTests {
    @Test(
        "refreshes at half the granted time, keeps alive in between, tells the address as seen, and removes the binding"
    )
    func holds() throws {
        let run = try Run(["--register-hold", "90", "-x", "600", "-s", "sip:bob@192.0.2.7"]) { request, count in
            guard request.method == .register else { return [] }
            let contact = request.text(.contact) ?? ""
            let port = count < 4 ? 40_001 : 40_002
            let lines = String(decoding: Reply.text(request, "200 OK", "Contact: \(contact);expires=60"), as: UTF8.self)
                .components(separated: ";rport").joined(separator: ";rport=\(port);received=198.51.100.9")
            return [(.milliseconds(1), .bytes(Array(lines.utf8)))]
        }
        #expect(
            run.out == """
                the server sees us at 198.51.100.9:40001
                registered bob for 60 s
                registered bob for 60 s
                the server sees us at 198.51.100.9:40002 now, before at 198.51.100.9:40001
                registered bob for 60 s
                removed the binding

                """)
        #expect(run.status == .ok)
        let registers = run.wire.sent.compactMap { try? SIPMessage(parsing: $0.bytes) }.map { $0.text(.expires) }
        #expect(registers == ["600", "600", "600", "0"])
        #expect(
            run.wire.sent.filter { $0.bytes == [13, 10, 13, 10] }.map { $0.at.components.seconds } == [25, 55, 85])
    }

    @Test("ends when the registrar refuses")
    func refused() throws {
        let run = try Run(["--register-hold", "9", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "403 No")]
        }
        #expect(run.status == .rejected)
        #expect(run.err == "error: the registration was refused: SIP/2.0 403 No\n")
    }
}
