import SIPKit
import SIPTrace

/// All numbers of a report by their path in the JSON: `calls.ser`, `times.srd.p95`, `codes.503.unique`,
/// `peers[198.51.100.20:5060].answered`, `findings[N1].count`. Comparisons and limits speak of them.
struct Figures: Sendable {
    private(set) var values: [String: Double] = [:]
    /// The rules that spoke, with their severities.
    private(set) var rules: [String: String] = [:]
    private(set) var agents: Set<String> = []
    private(set) var peers: Set<String> = []

    init(_ report: JSONValue) {
        self.flatten(report, "")
        for finding in report["findings"]?.elements ?? [] {
            if let rule = finding["rule"]?.text { self.rules[rule] = finding["severity"]?.text ?? "" }
        }
        for agent in report["agents"]?.elements ?? [] {
            let parts = ["family", "model", "version"].compactMap { agent[$0]?.text }
            self.agents.insert(parts.joined(separator: " "))
        }
        for peer in report["peers"]?.elements ?? [] {
            if let address = peer["address"]?.text { self.peers.insert(address) }
        }
    }

    init(_ summary: Summary) {
        let text = Array(JSONReport(summary: summary).text().utf8)
        self.init(JSONValue(text.span) ?? .null)
    }

    private mutating func flatten(_ value: JSONValue, _ path: String) {
        switch value {
        case .number(let number): self.values[path] = number
        case .object(let pairs):
            for pair in pairs { self.flatten(pair.value, path.isEmpty ? pair.key : "\(path).\(pair.key)") }
        case .list(let elements):
            for element in elements {
                // What names an element in its list: a port may be left out by who asks.
                let name = ["rule", "address", "label", "text"].lazy.compactMap { element[$0]?.text }.first
                guard let name else { continue }
                self.flatten(element, "\(path)[\(name)]")
                if path == "peers", let colon = name.utf8.lastIndex(of: ASCII.colon) {
                    self.flatten(element, "\(path)[\(name[..<colon])]")
                }
            }
        default: break
        }
    }

    subscript(path: String) -> Double? { self.values[path] ?? self.values["calls.\(path)"] }
}
