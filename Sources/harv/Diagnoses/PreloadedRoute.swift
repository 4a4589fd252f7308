import SIPKit

extension Diagnosis {
    static let preloadedRoute = Diagnosis(
        "R13", "preloaded-route", .warning, .certain,
        "a new call brings its own route",
        sees: "calls that no dial plan allows",
        condition: "a request without To tag arrives with Route entries beyond the server itself and is relayed along "
            + "them",
        why: "loose_route() sends it where the caller wanted, past the checks that come behind it",
        remedy:
            "if (loose_route() && !has_totag() && (method==\"INVITE\" || method==\"REFER\")) answer 403; Kamailio's "
            + "stock configuration removes Route from initial requests",
        sources: "seed 002 ch. 1, ch. 8 note 20",
        explains: [],
        examples: [
            .yes(
                "an INVITE with a route to another host",
                Scene.call.adding("Route", "<sip:192.0.2.10;lr>, <sip:198.51.100.7;lr>", to: "INVITE in")),
            .no(
                "the server as outbound proxy", Scene.call.adding("Route", "<sip:192.0.2.10;lr>", to: "INVITE in")),
            .no("no route", Scene.call),
        ],
        .conversation(needs: [.preloaded, .relayedRequest]) { (context: CallContext) -> Evidence? in
            guard context.conversation.traits.contains(.hasRoute) else { return nil }
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.toTag == 0, record.isFirst, record.traits.contains(.hasRoute),
                    ![.ack, .cancel, .register].contains(record.method), context.isIn(record),
                    let copy = context.copies(of: place).first, let message = context.message(place),
                    let routes = try? message.addresses(.route)
                else { continue }
                let hosts = routes.compactMap { try? URIRanges(parsing: message.span, $0.uri) }
                let beyond = hosts.dropFirst().first {
                    let host = IPAddress(parsing: message.span, $0.host)
                    return host == nil || !context.servers.contains { $0.ip == host }
                }
                guard let beyond else { continue }
                let target = Printable.text(message[beyond.host])
                let out = context.records[copy].destination
                // Along it: to that host, or with the entry still in.
                guard
                    IPAddress(target) == out.ip || context.records[copy].traits.contains(.hasRoute)
                else { continue }
                let isGateway = context.ledgers?.hops.isGateway(out) ?? false
                let isFree = !record.traits.contains(.hasCredentials)
                return Evidence(
                    "A new call came with its own route to \(target) and got past the dial-plan checks.",
                    [context.number(place), context.number(copy)], severity: isGateway && isFree ? .critical : nil)
            }
            return nil
        })
}
