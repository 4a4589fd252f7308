import SIPKit

/// Registrations and calls of a simulated phone.
extension SimulatedPhone {
    /// What has become of a call that this phone made.
    final class Call {
        var status = 0
        /// The tags of those who answered.
        var answeredBy: [String] = []
        var isTimedOut = false
        /// The status of the BYE.
        var hangUpStatus = 0
        var invite: Outgoing?
        var tries = 0
        /// 407 was answered.
        var hasShownPassword = false
        /// The caller has hung up before anybody answered.
        var isCanceled = false
    }

    private func head(
        _ method: String, _ uri: String, to: String, callID: String, cSeq: Int, fromTag: String, from: String? = nil
    ) -> String {
        "\(method) \(uri) SIP/2.0\r\nVia: SIP/2.0/UDP \(self.address);branch=z9hG4bK\(self.name)\(self.fresh())\r\n"
            + "Max-Forwards: 70\r\nFrom: \(from ?? "<sip:\(self.user)@\(self.proxy.ip)>");tag=\(fromTag)\r\nTo: \(to)\r\n"
            + "Call-ID: \(callID)\r\nCSeq: \(cSeq) \(method)\r\n"
    }

    /// The user this phone belongs to: its name without the number behind it.
    var user: String { String(self.name.prefix { !$0.isNumber }) }

    private func credentials(_ password: String, for response: Glimpse, _ method: String, _ uri: String) -> String {
        let isProxy = response.status == 407
        let challenge = response[isProxy ? "Proxy-Authenticate" : "WWW-Authenticate"]
        func quoted(_ name: String) -> String {
            guard let found = challenge.firstRange(of: "\(name)=\"") else { return "" }
            return String(challenge[found.upperBound...].prefix { $0 != "\"" })
        }
        let (realm, nonce) = (quoted("realm"), quoted("nonce"))
        func hex(_ text: String) -> String {
            String(decoding: DigestAlgorithm.md5.hex(Array(text.utf8)), as: UTF8.self)
        }
        let middle = challenge.contains("qop=") ? "00000001:abc:auth:" : ""
        let answer = hex("\(hex("\(self.user):\(realm):\(password)")):\(nonce):\(middle)\(hex("\(method):\(uri)"))")
        return "\(isProxy ? "Proxy-" : "")Authorization: Digest username=\"\(self.user)\", realm=\"\(realm)\", "
            + "nonce=\"\(nonce)\", uri=\"\(uri)\", response=\"\(answer)\""
            + (middle.isEmpty ? "" : ", qop=auth, nc=00000001, cnonce=\"abc\"") + "\r\n"
    }

    // MARK: Registration

    /// Registers, and tries again for as long as it takes.
    func register(password: String?, _ done: @escaping () -> Void) {
        self.register(password, callID: "reg-\(self.name)", cSeq: 1, credentials: "", done)
    }

    private func register(
        _ password: String?, callID: String, cSeq: Int, credentials: String, _ done: @escaping () -> Void
    ) {
        guard cSeq < 20 else { return self.complaints.append("\(self.name) cannot register") }
        let uri = "sip:\(self.proxy.ip)"
        let request = self.send(
            self.head(
                "REGISTER", uri, to: "<sip:\(self.user)@\(self.proxy.ip)>", callID: callID, cSeq: cSeq, fromTag: "r")
                + "Contact: <sip:\(self.name)@\(self.address)>\r\nExpires: 3600\r\n\(credentials)Content-Length: 0\r\n\r\n"
        )
        request.onTimeout = { self.register(password, callID: callID, cSeq: cSeq + 1, credentials: "", done) }
        request.onFinal = { response in
            if response.status == 401, let password {
                let credentials = self.credentials(password, for: response, "REGISTER", uri)
                self.register(password, callID: callID, cSeq: cSeq + 1, credentials: credentials, done)
            } else if response.status == 200 {
                if !response.all("Contact").joined().contains("\(self.address)") {
                    self.complaints.append("\(self.name) registered and is not in the list")
                }
                done()
            } else {
                self.complaints.append("\(self.name) registers and gets \(response.startLine)")
            }
        }
    }

    // MARK: Calling

    /// Calls somebody; cancels after some time if nobody has answered; talks for `talk` and hangs up.
    func call(_ user: String, password: String?, cancelAfter: Int?, talk: Int?, usesPRACK: Bool = false) -> Call {
        let call = Call()
        let callID = "call-\(self.name)-\(self.fresh())"
        self.dial(call, user, password, callID, 1, "", cancelAfter, talk, usesPRACK)
        return call
    }

    private func dial(
        _ call: Call, _ user: String, _ password: String?, _ callID: String, _ cSeq: Int, _ credentials: String,
        _ cancelAfter: Int?, _ talk: Int?, _ usesPRACK: Bool
    ) {
        let uri = "sip:\(user)@\(self.proxy.ip)"
        call.tries += 1
        let invite = self.send(
            self.head("INVITE", uri, to: "<\(uri)>", callID: callID, cSeq: cSeq, fromTag: "c")
                + "Contact: <sip:\(self.name)@\(self.address)>\r\n\(credentials)Content-Length: 0\r\n\r\n")
        call.invite = invite
        var acknowledged: Set<String> = []
        invite.onTimeout = { call.isTimedOut = true }
        invite.onProvisional = { response in
            if usesPRACK, !response["RSeq"].isEmpty { self.prack(response, callID) }
        }
        invite.onFinal = { response in
            if response.status == 407, let password, !call.hasShownPassword {
                call.hasShownPassword = true
                let credentials = self.credentials(password, for: response, "INVITE", uri)
                self.dial(call, user, password, callID, cSeq + 1, credentials, cancelAfter, talk, usesPRACK)
                return
            }
            call.status = response.status
            guard response.status < 300 else { return }
            // An ACK for each copy of each answer; a BYE once for each who answered.
            self.sendOnce(self.inDialog("ACK", response, cSeq) + "Content-Length: 0\r\n\r\n")
            guard acknowledged.insert(String(response.toTag)).inserted else { return }
            call.answeredBy.append(String(response.toTag))
            // One conversation is enough: whoever else answered is hung up at once, and so is who answers too late.
            let isWanted = call.answeredBy.count == 1 && !call.isCanceled
            if isWanted, talk == nil { return }
            self.after(isWanted ? talk ?? 0 : 1) {
                let bye = self.send(self.inDialog("BYE", response, cSeq + 1) + "Content-Length: 0\r\n\r\n")
                bye.onFinal = { call.hangUpStatus = $0.status }
            }
        }
        guard let cancelAfter else { return }
        self.after(cancelAfter) {
            guard invite.finals.isEmpty, !invite.isGivenUp, invite.hasProvisional else { return }
            call.isCanceled = true
            self.send(
                "CANCEL \(uri) SIP/2.0\r\nVia: \(invite.request["Via"])\r\nMax-Forwards: 70\r\n"
                    + "From: \(invite.request["From"])\r\nTo: \(invite.request["To"])\r\nCall-ID: \(callID)\r\n"
                    + "CSeq: \(cSeq) CANCEL\r\nContent-Length: 0\r\n\r\n")
        }
    }

    private func prack(_ response: Glimpse, _ callID: String) {
        let text = self.inDialog("PRACK", response, response.cSeq + 100)
        self.send(text + "RAck: \(response["RSeq"]) \(response["CSeq"])\r\nContent-Length: 0\r\n\r\n")
    }

    /// A request along the route of the dialog that a response has made, as its caller.
    private func inDialog(_ method: String, _ response: Glimpse, _ cSeq: Int) -> String {
        let target = response["Contact"].drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
        let from = response["From"].prefix { $0 != ";" }
        return self.head(
            method, String(target), to: String(response["To"]), callID: String(response["Call-ID"]), cSeq: cSeq,
            fromTag: String(response.fromTag), from: String(from))
            + response.all("Record-Route").reversed().map { "Route: \($0)\r\n" }.joined()
    }

    /// Hangs up as the one who was called.
    func hangUp(_ incoming: Incoming) -> Outgoing {
        let request = incoming.request
        let target = request["Contact"].drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
        return self.send(
            self.head(
                "BYE", String(target), to: String(request["From"]), callID: String(request["Call-ID"]), cSeq: 1,
                fromTag: incoming.tag, from: String(request["To"]))
                + request.all("Record-Route").map { "Route: \($0)\r\n" }.joined() + "Content-Length: 0\r\n\r\n")
    }

    /// A request outside of calls.
    func message(_ user: String) -> Outgoing {
        let uri = "sip:\(user)@\(self.proxy.ip)"
        return self.send(
            self.head("MESSAGE", uri, to: "<\(uri)>", callID: "msg-\(self.name)-\(self.fresh())", cSeq: 1, fromTag: "m")
                + "Content-Length: 0\r\n\r\n")
    }
}
