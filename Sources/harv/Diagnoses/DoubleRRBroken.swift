import SIPKit

extension Diagnosis {
    static let doubleRRBroken = Diagnosis(
        "R11", "double-rr-broken", .error, .certain,
        "one of two route entries lost",
        sees: "between two networks or transports, calls connect but cannot be ended",
        condition:
            "the server added two Record-Route entries (r2=on), and a Route of the call has only one of them, or "
            + "both in the wrong order",
        why: "a server between two networks needs both entries to know where a request came from and where it goes",
        remedy: "enable_double_rr 1 on the server; else the fault is the device's or a session border controller's; "
            + "check advertise",
        sources: "Kamailio's rr module; seed 002 ch. 6 (route basics)",
        explains: ["R1", "R3", "R6", "R4", "R14"],
        examples: [
            .yes("only one came back", Scene.twoNetworks(["<sip:192.0.2.10;r2=on;lr>"])),
            .yes(
                "in the wrong order", Scene.twoNetworks(["<sip:10.0.0.10;r2=on;lr>", "<sip:192.0.2.10;r2=on;lr>"])),
            .no("both came back", Scene.twoNetworks(["<sip:192.0.2.10;r2=on;lr>", "<sip:10.0.0.10;r2=on;lr>"])),
        ],
        .call(needs: [.routed, .relayedRequest, .any(.hasRecordRoute)]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy,
                context.records[copy].traits.contains(.hasRecordRoute)
            else { return nil }
            let added = context.doubleRoutes(copy, .recordRoute)
            guard added.count == 2 else { return nil }
            let callee = context.records[copy].destination
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.toTag != 0, record.isFirst, record.traits.contains(.hasRoute),
                    context.servers.contains(where: { $0.ip == record.destination.ip })
                else { continue }
                let came = context.doubleRoutes(place, .route)
                let expected = record.source == callee ? added : [added[1], added[0]]
                guard came.count < 2 || came.prefix(2) != expected[...] else { continue }
                let damage =
                    came.isEmpty ? "not at all" : came.count == 1 ? "as one (\(came[0]))" : "in the wrong order"
                return Evidence(
                    "The two route entries the server needs came back \(damage); it will send to itself or to the wrong network.",
                    [context.number(copy), context.number(place)])
            }
            return nil
        })
}

extension CallContext {
    /// Host and port of the routes marked `r2=on`, in their order.
    func doubleRoutes(_ place: Int, _ header: HeaderID) -> [String] {
        guard let message = self.message(place), let first = message.first(header) else { return [] }
        guard message.span.holds(first, "r2=on"), let routes = try? message.addresses(header) else { return [] }
        return routes.compactMap { route in
            guard message.span.holds(route.uri, "r2=on"), let uri = try? URIRanges(parsing: message.span, route.uri)
            else { return nil }
            return Printable.text(message[uri.hostPort])
        }
    }
}

extension Scene {
    /// A call through a server with two addresses, whose BYE comes with these routes.
    static func twoNetworks(_ routes: [String]) -> Scene {
        var scene = Scene.call.replacing(
            "*", "<sip:192.0.2.10;lr;nat=yes>", "<sip:10.0.0.10;r2=on;lr>, <sip:192.0.2.10;r2=on;lr>")
        for label in ["ACK in", "BYE in"] {
            scene = scene.without("Route", in: label).adding(
                "Route",
                label == "BYE in"
                    ? routes.joined(separator: ", ") : "<sip:192.0.2.10;r2=on;lr>, <sip:10.0.0.10;r2=on;lr>", to: label)
        }
        return scene
    }
}
