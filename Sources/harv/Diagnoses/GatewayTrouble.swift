import SIPKit

extension Diagnosis {
    static let gatewayTrouble = Diagnosis(
        "C6", "gateway-trouble", .error, .certain,
        "a next hop fails calls",
        sees: "calls by one gateway fail",
        condition:
            "over 5 % of the calls to a next hop (20 or more, three failures or more) end in 408 without ringing, "
            + "500, 503 or 504; or as many with a Q.850 cause of congestion (34, 38, 41, 42, 44, 47), number (1, 28), "
            + "fault (27) or incompatibility (88)",
        why: "the gateway or the network behind it is at its limit or broken",
        remedy: "route around it; tell its operator the cause and the times",
        sources: "RFC 6076 §4.8, RFC 3326",
        explains: [],
        examples: [
            .yes("twenty calls into silence", Scene.deadHop.happening(20)),
            .yes(
                "no line free, by its cause",
                Scene.refused(480, "Temporarily Unavailable").adding(
                    "Reason", "Q.850;cause=34;text=\"No circuit\"", to: "final in"
                ).happening(20)),
            .no("answered calls", Scene.call.happening(20)),
            .no("busy callees", Scene.refused(486, "Busy Here").happening(20)),
        ],
        .population { (population: Population) -> [Evidence] in
            let hops = population.ledgers.hops.hops.filter { $0.value.calls >= 20 }
            return hops.sorted { ($1.value.ineffective, "\($0.key)") < ($0.value.ineffective, "\($1.key)") }.compactMap
            {
                address, hop in
                let troubled = hop.causes.filter { Q850.isTrouble($0.key) }
                let byCause = troubled.values.reduce(0, +)
                let failures = max(hop.ineffective, byCause)
                guard failures >= 3, failures * 20 > hop.calls else { return nil }
                let main = troubled.max { ($0.value, $1.key) < ($1.value, $0.key) }
                let cause = main.map { ", mainly cause \($0.key) (\(Q850.text($0.key)))" } ?? ""
                return Evidence(
                    "\(address): \(NumberText.percent(100 * Double(failures) / Double(hop.calls))) of \(hop.calls) calls failed at its side\(cause).",
                    count: failures)
            }
        })
}

/// The causes of the telephone network (ITU-T Q.850).
enum Q850 {
    /// Congestion, wrong numbers, faults and incompatibility; not busy, no answer and hang-ups.
    static func isTrouble(_ cause: UInt8) -> Bool { [1, 27, 28, 34, 38, 41, 42, 44, 47, 88].contains(cause) }

    static func text(_ cause: UInt8) -> String {
        switch cause {
        case 1: "unallocated number"
        case 3: "no route"
        case 16: "normal clearing"
        case 17: "busy"
        case 18: "no user responding"
        case 19: "no answer"
        case 20: "subscriber absent"
        case 21: "rejected"
        case 22: "number changed"
        case 27: "destination out of order"
        case 28: "invalid number"
        case 31: "normal, unspecified"
        case 34: "no circuit"
        case 38: "network out of order"
        case 41: "temporary failure"
        case 42: "congestion"
        case 44: "channel not available"
        case 47: "no resource"
        case 50: "not subscribed"
        case 57, 58: "bearer not available"
        case 65, 79: "not implemented"
        case 88: "incompatible destination"
        case 102: "timer expired"
        case 111: "protocol error"
        case 127: "interworking"
        default: "other"
        }
    }
}
