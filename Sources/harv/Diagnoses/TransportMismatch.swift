import SIPKit

extension Diagnosis {
    static let transportMismatch = Diagnosis(
        "R35", "transport-mismatch", .error, .likely,
        "sent by another transport",
        sees: "calls to phones on TCP, TLS or WebSocket fail, calls from them work",
        condition: "the Route or Request-URI asks for tcp, tls or ws and the request leaves by UDP (or the other way "
            + "round); or the server opens a new connection to a port that only the phone's own connection has, and fails",
        why: "a phone behind a router can only be reached through the connection that it opened itself",
        remedy: "set_contact_alias() and handle_ruri_alias(), a long tcp_connection_lifetime, set_reply_no_connect(), "
            + "set_forward_no_connect(); SIP Outbound (RFC 5626), ;ob",
        sources: "Kamailio's stock configuration; RFC 5923, RFC 7118",
        explains: ["R38", "R26", "R27"],
        examples: [
            .yes(
                "the target asks for TCP and the INVITE leaves by UDP",
                Scene.call.replacing(
                    "INVITE out", "bob@198.51.100.7:5060 SIP", "bob@198.51.100.7:5060;transport=tcp SIP")),
            .no("by UDP as it asks", Scene.call.replacing("INVITE out", "7:5060 SIP", "7:5060;transport=udp SIP")),
            .no(
                "the next Route is on UDP",
                Scene.call.replacing("INVITE out", "7:5060 SIP", "7:5060;transport=tcp SIP").adding(
                    "Route", "<sip:198.51.100.7;lr>", to: "INVITE out")),
        ],
        .conversation(needs: [.any(.namesTransport)]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.passage != .repeated, record.viaCount > 1, context.isOut(record),
                    let message = context.message(place)
                else { continue }
                let span = message.span
                var next = message.requestURI
                if record.traits.contains(.hasRoute), let route = try? message.address(.route) { next = route.uri }
                guard span.holds(next, "transport="), let uri = try? URIRanges(parsing: span, next),
                    let name = uri.parameter("transport", in: span),
                    let asked = TransportProtocol(parsing: span, name)
                else { continue }
                let address = "\(Printable.text(message[uri.hostPort]))"
                if asked.isReliable != record.transport.isReliable {
                    return Evidence(
                        "\(record.method.name) left by \(record.transport.viaName) although \(address) asks for \(asked.viaName).",
                        [context.number(place)])
                }
                guard asked.isReliable, (uri.port ?? 5060) >= 32_768, record.transport.isReliable,
                    !context.wasHeard(after: place),
                    context.records.contains(where: { $0.isFirst && $0.status == 477 })
                        || context.wentOn(32, after: place)
                else { continue }
                return Evidence(
                    "The server tried a new \(asked.viaName) connection to \(address) instead of using the open one.",
                    [context.number(place)])
            }
            return nil
        })
}
