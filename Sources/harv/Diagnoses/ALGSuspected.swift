import SIPKit

extension Diagnosis {
    static let algSuspected = Diagnosis(
        "N16", "alg-suspected", .warning, .likely,
        "a router rewrites SIP by half",
        sees:
            "odd, changing faults for users of one router model: registrations lost, no incoming calls, one-way sound",
        condition: "two or more of these in what a device sent: Via public and Contact private (or the other way "
            + "round); the sound's address public but the session's origin private; the ports of Contact, Via and packet "
            + "all different; Content-Length wrong by the growth of an address; the login's URI or the Request-URI "
            + "turned into an address",
        why: "a SIP helper (ALG) in the router changes some of the addresses in a message and not the others",
        remedy:
            "switch off \"SIP ALG\", \"SIP helper\", \"SIP transformations\" in the router, or move to another port "
            + "(5065) or to TLS",
        sources: "seed 002 ch. 4 \"Other non-ser NAT traversal techniques\"",
        explains: ["R37"],
        examples: [
            .yes(
                "Via and c= changed, Contact and o= not",
                Scene.call.replacing("INVITE in", "UDP 192.168.1.2:5060", "UDP 203.0.113.5:1024").replacing(
                    "INVITE in", "c=IN IP4 192.168.1.2", "c=IN IP4 203.0.113.5")),
            .no(
                "only the Contact is public, as phones do that learn their address",
                Scene.call.replacing("INVITE in", "alice@192.168.1.2:5060", "alice@203.0.113.5:1024")),
            .no("all values are private", Scene.call),
        ],
        .conversation(needs: [.halfRewritten]) { (context: CallContext) -> Evidence? in
            let first = context.records.indices.first {
                let record = context.records[$0]
                return record.isRequest && record.isFirst && record.viaCount == 1 && record.transport == .udp
                    && (record.method == .invite || record.method == .register)
            }
            guard let first, AddressScope.isPublic(context.records[first].source.ip),
                !context.servers.contains(context.records[first].source)
            else { return nil }
            let signs = context.halfRewrites(first)
            guard signs.count >= 2, !NATHelp.isExchange(context.agent(first)) else { return nil }
            return Evidence(
                "Something between \(context.caller(first)) and the server rewrites SIP by half (\(signs.joined(separator: ", "))); most likely the router's SIP helper (ALG).",
                [context.number(first)])
        })
}

/// What a device's first message tells about helpers on its way.
enum NATHelp {
    /// Exchanges know their public address and write what they want.
    static func isExchange(_ agent: String) -> Bool {
        agent.holds("Asterisk") || agent.holds("FreeSWITCH") || agent.holds("PBX")
    }
}

extension CallContext {
    /// Signs that something rewrote a part of a message on its way, in words.
    func halfRewrites(_ place: Int) -> [String] {
        guard let message = self.message(place), let top = try? message.topVia() else { return [] }
        let span = message.span
        let source = self.records[place].source
        let via = IPAddress(parsing: span, top.host)
        var contact: (host: IPAddress, port: UInt16)? = nil
        if let address = try? message.address(.contact), let uri = try? URIRanges(parsing: span, address.uri),
            let host = IPAddress(parsing: span, uri.host)
        {
            contact = (host, uri.port ?? 5060)
        }
        var signs: [String] = []
        if let via, let contact, AddressScope.isPublic(via) && contact.host.isPrivate {
            signs.append("Via \(via), Contact \(contact.host)")
        } else if let via, let contact, via.isPrivate && AddressScope.isPublic(contact.host), contact.host != source.ip
        {
            signs.append("Via \(via), Contact \(contact.host)")
        }
        if let via, let contact, via == source.ip, contact.host == source.ip,
            Set([top.port ?? 5060, contact.port, source.port]).count == 3
        {
            signs.append("ports \(top.port ?? 5060), \(contact.port) and \(source.port)")
        }
        let session = self.session(place)
        if let origin = session?.originAddress, let media = session?.firstAddress, origin.isPrivate,
            AddressScope.isPublic(media)
        {
            signs.append("sound to \(media), origin \(origin)")
        }
        let body = Int(self.records[place].length) - message.index.bodyStart
        if let length = (try? message.index.contentLength(span)) ?? nil, length != body {
            let hidden = session?.originAddress ?? contact?.host ?? source.ip
            let growth = "\(source.ip)".utf8.count - "\(hidden)".utf8.count
            if growth != 0, body - length == growth || body - length == 2 * growth {
                signs.append("Content-Length \(length) for \(body) bytes")
            }
        }
        // Two are asked for: the last one, which costs most, can only be the second.
        if !signs.isEmpty, self.records[place].traits.contains(.hasCredentials),
            let range = message.first(.authorization) ?? message.first(.proxyAuthorization),
            let uri = Self.parameter("uri", in: Printable.text(message[range])), let asked = Self.host(uri),
            let sent = self.requestURI(place)?.host, asked != sent,
            (IPAddress(asked) == nil) != (IPAddress(sent) == nil)
        {
            signs.append("login for \(asked), request for \(sent)")
        }
        return signs
    }
}
