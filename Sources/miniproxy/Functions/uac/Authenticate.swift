import SIPKit

/// A branch whose answer was 401 or 407, for the failure block that answers the challenge.
struct ChallengedBranch {
    /// The answer, and the request as it was sent.
    var response: [UInt8]
    var request: [UInt8]
    var destination: Peer
}

extension FunctionBodies {
    /// `uac_auth()`: the request goes again to the next hop that has asked for credentials, with those of the script.
    ///
    /// The script sends it (`t_relay`). A realm that has refused them once is not asked again. CSeq stays, as in Kamailio:
    /// the caller's later requests count on from it.
    static let uacAuth = Body { _, context in
        guard let branch = context.challenged else { return .no }
        let party: DigestClient.Party = context.status == 407 ? .proxy : .server
        var answer = MessageIndex()
        var sent = MessageIndex()
        guard (try? answer.parse(branch.response.span)) != nil, (try? sent.parse(branch.request.span)) != nil else {
            return .no
        }
        var challenges: [Challenge] = []
        for slot in answer.slots where slot.id == (party == .proxy ? .proxyAuthenticate : .wwwAuthenticate) {
            challenges += Challenge.all(in: branch.response.span, slot.value)
        }
        let refused = Self.realms(of: branch.request, sent)
        let uri = branch.request.span.copy(sent.requestURI)
        let method = branch.request.span.copy(sent.methodRange)
        var lines: [UInt8] = []
        var realms: [[UInt8]] = []
        for realm in challenges.map(\.realm) where !realms.contains(realm) {
            realms.append(realm)
            let own = challenges.filter { $0.realm == realm }
            guard let credential = context.credential(for: realm),
                !refused.contains(realm) || own.contains(where: \.isStale)
            else { continue }
            var client = DigestClient(
                username: credential.user, secret: .password(credential.password), qualities: [.auth])
            guard (try? client.challenged(own, by: party)) != nil else { continue }
            let nonce = String(UInt64.random(in: 0 ... .max), radix: 16)
            for answer in client.answers(method: method, uri: uri, body: [], clientNonce: Array(nonce.utf8)) {
                var value = ByteWriter(capacity: 256)
                answer.credentials.write(to: &value)
                lines.append(party == .proxy ? "Proxy-Authorization: " : "Authorization: " as StaticString)
                lines += value.bytes
                lines.append("\r\n" as StaticString)
            }
        }
        guard !lines.isEmpty else {
            let names = realms.map { Printable.text($0) }.joined(separator: ", ")
            context.log(
                1, Array("uac_auth: no credentials, or refused ones, for \(names.isEmpty ? "any realm" : names)".utf8))
            return .no
        }
        context.edits.forget(context.answeredChallenge)
        let mark = context.edits.mark
        context.appendLine { $0 += lines }
        context.answeredChallenge = MessageEdits.Stretch(from: mark, to: context.edits.mark)
        context.setRequestURI(uri)
        context.setDestinationURI(branch.destination.uri)
        return .yes
    }

    /// The realms that a request carries credentials for.
    private static func realms(of request: [UInt8], _ index: MessageIndex) -> [[UInt8]] {
        index.slots.filter { [.authorization, .proxyAuthorization].contains($0.id) }.compactMap { slot in
            var cursor = ByteCursor(request.span, slot.value)
            return (try? Credentials(parsing: &cursor))?.realm
        }
    }
}

extension RouteContext {
    /// User and password for a realm: what the script's AVPs say of it, else its `credential`s.
    fileprivate func credential(for realm: [UInt8]) -> (user: [UInt8], password: [UInt8])? {
        let settings = self.shared.settings.uac
        func text(_ name: AttributeList.Name?) -> [UInt8]? {
            guard let name, case .text(let text)? = self.attributes.first(name) else { return nil }
            return text
        }
        if text(settings.realmAttribute) == realm, let user = text(settings.userAttribute),
            let password = text(settings.passwordAttribute)
        {
            return (user, password)
        }
        return settings.credentials.first { $0.realm == realm }.map { ($0.user, $0.password) }
    }
}
