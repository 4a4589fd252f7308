import SIPKit
import Testing

@Suite("Which requests are one server transaction (RFC 3261 §17.2.3)")
struct TransactionKeyTests {
    private func key(_ text: String, as method: SIPMethod? = nil) throws -> KeyedHash.Value {
        let message = try SIPMessage(parsing: text)
        let cSeq = try message.cSeq()
        return TransactionKey.hash(
            message.bytes.span, via: try message.topVia(), method: method ?? message.method, index: message.index,
            fromTag: try message.from().tag, cSeq: cSeq.number, under: KeyedHash(key: (1, 2)))
    }

    private func request(
        _ method: String = "INVITE", uri: String = "sip:a", via: String = "SIP/2.0/UDP h;branch=z9hG4bK1",
        from: String = "<sip:x>;tag=1",
        to: String = "<sip:y>", callID: String = "c", cSeq: String = "1"
    ) -> String {
        "\(method) \(uri) SIP/2.0\r\nVia: \(via)\r\nFrom: \(from)\r\nTo: \(to)\r\nCall-ID: \(callID)\r\nCSeq: \(cSeq) \(method)\r\n\r\n"
    }

    @Test("with the cookie: branch, sent-by and method; the ACK of a refusal is of its INVITE")
    func cookie() throws {
        let invite = try self.key(self.request())
        #expect(try self.key(self.request("ACK", to: "<sip:y>;tag=9")) == invite)
        #expect(try self.key(self.request("CANCEL"), as: .invite) == invite)
        #expect(try self.key(self.request("CANCEL")) != invite)
        #expect(try self.key(self.request(uri: "sip:other", callID: "other")) == invite)
        #expect(try self.key(self.request(via: "SIP/2.0/UDP h;branch=z9hG4bK2")) != invite)
        #expect(try self.key(self.request(via: "SIP/2.0/UDP h:5061;branch=z9hG4bK1")) != invite)
        #expect(try self.key(self.request(via: "SIP/2.0/UDP g;branch=z9hG4bK1")) != invite)
        #expect(try self.key(self.request("FROB")) != self.key(self.request("FRUB")))
    }

    @Test("without it (RFC 2543): everything that the old rule names, but not the To tag")
    func old() throws {
        func make(
            _ method: String = "INVITE", uri: String = "sip:a", via: String = "SIP/2.0/UDP h;branch=z9hG4bK",
            from: String = "<sip:x>;tag=1",
            to: String = "<sip:y>", callID: String = "c", cSeq: String = "1"
        ) throws -> KeyedHash.Value {
            try self.key(self.request(method, uri: uri, via: via, from: from, to: to, callID: callID, cSeq: cSeq))
        }
        let invite = try make()
        #expect(try make("ACK", to: "<sip:y>;tag=9") == invite)
        #expect(try make(uri: "sip:b") != invite)
        #expect(try make(via: "SIP/2.0/UDP h") != invite)
        #expect(try make(from: "<sip:x>;tag=2") != invite)
        #expect(try make(callID: "d") != invite)
        #expect(try make(cSeq: "2") != invite)
    }
}
