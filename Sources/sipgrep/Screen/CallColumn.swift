import Glibc
import SIPKit
import SIPTrace

/// What the call list can show of a call.
enum CallColumn: String, CaseIterable {
    case index, method, from, to, messages, time, state, duration, delay, quality, source, destination, callID, date,
        transport

    var title: String {
        switch self {
        case .index: "#"
        case .method: "Method"
        case .from: "From"
        case .to: "To"
        case .messages: "Msgs"
        case .time: "Time"
        case .state: "State"
        case .duration: "Dur"
        case .delay: "PDD"
        case .quality: "MOS"
        case .source: "Source"
        case .destination: "Destination"
        case .callID: "Call-ID"
        case .date: "Date"
        case .transport: "Transport"
        }
    }

    var width: Int {
        switch self {
        case .index: 5
        case .method: 9
        case .from, .to: 13
        case .messages: 4
        case .time: 8
        case .state: 12
        case .duration, .delay: 6
        case .quality: 3
        case .source, .destination: 21
        case .callID: 30
        case .date: 10
        case .transport: 9
        }
    }

    static let usual: [CallColumn] = [
        .index, .method, .from, .to, .messages, .time, .state, .duration, .delay, .quality, .source, .destination,
    ]

    func text(_ call: Int, _ screen: Screen, _ clock: inout LocalClock) -> String {
        let store = screen.store
        let record = store.record(call)
        switch self {
        case .index: return String(call + 1)
        case .method: return "\(record.method.name)"
        case .from: return store.from(call)
        case .to: return store.to(call)
        case .messages: return String(store.calls[call].messages.count)
        case .time: return String(FlowText.timeOfDay(record.firstTime, &clock).prefix(8))
        case .state:
            let name = "\(record.state.name)".uppercased()
            let isFailed = record.finalStatus >= 300 && record.state != .cancelled && record.state != .busy
            return isFailed ? "\(name) \(record.finalStatus)" : name
        case .duration: return record.talkTime.map { FlowText.seconds($0) + "s" } ?? "-"
        case .delay:
            return record.method == .invite ? record.postDialDelay.map { FlowText.seconds($0) + "s" } ?? "-" : "-"
        case .quality: return screen.worstScore(call).map { StreamLines.decimal($0) } ?? "-"
        case .source: return "\(record.source)"
        case .destination: return "\(record.destination)"
        case .callID: return store.callID(call)
        case .date:
            let parts = clock.parts(of: record.firstTime.floorDivided(by: 1_000_000_000))
            func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        case .transport:
            return store.calls[call].messages.first.map { "\(store.messages[$0].origin.transport.viaName)" } ?? ""
        }
    }

    /// For sorting: numbers by their value, all else as text.
    func key(_ call: Int, _ screen: Screen) -> (Int64, String) {
        let record = screen.store.record(call)
        switch self {
        case .index: return (Int64(call), "")
        case .messages: return (Int64(screen.store.calls[call].messages.count), "")
        case .time, .date: return (record.firstTime, "")
        case .duration: return (record.talkTime ?? -1, "")
        case .delay: return (record.postDialDelay ?? -1, "")
        default:
            var clock = LocalClock()
            return (0, self.text(call, screen, &clock))
        }
    }
}
