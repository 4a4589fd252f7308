import SIPKit

/// The texts of agents and route labels by their numbers, as far as the judge has been told. Lives on the judge's thread.
final class NameList: Codable {
    private var agents: [[UInt8]] = []
    private(set) var labels: [[UInt8]] = []

    func add(agents: [[UInt8]]) { self.agents += agents }
    func add(labels: [[UInt8]]) { self.labels += labels }

    func agent(_ number: UInt32) -> String {
        Int(number) < self.agents.count ? Printable.text(self.agents[Int(number)]) : ""
    }

    func label(_ number: UInt16) -> [UInt8] { Int(number) < self.labels.count ? self.labels[Int(number)] : [] }
}
