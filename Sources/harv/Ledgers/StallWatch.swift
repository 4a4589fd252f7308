import SIPKit

/// Times in which a server took many requests and sent nothing.
///
/// Looked at with each message, so it holds almost nothing.
struct StallWatch: Sendable, Equatable, Codable {
    struct Stall: Sendable, Equatable, Codable {
        var start: Int64
        var length: Int64
        var requests: Int
    }

    static let maxStalls = 100
    static let leastLength: Int64 = 2_000_000_000
    static let leastRequests = 20
    /// So many are worth a look at how long it took.
    static let fewRequests = 5
    private(set) var stalls: [Stall] = []
    /// The same with only ``fewRequests``: no stall by itself, and perhaps a restart.
    private(set) var silences: [Stall] = []
    private(set) var count = 0
    private(set) var longest: Int64 = 0
    private var lastOut: Int64 = 0
    private var waiting = 0

    @inline(__always)
    mutating func note(_ record: ExchangeRecord, isOut: Bool) {
        if !isOut {
            if record.isRequest, record.isFirst, record.method != .ack { self.waiting &+= 1 }
            return
        }
        if self.waiting >= Self.fewRequests { self.judge(record) }
        self.lastOut = record.time
        self.waiting = 0
    }

    private mutating func judge(_ record: ExchangeRecord) {
        let length = record.time - self.lastOut
        guard self.lastOut > 0, length >= Self.leastLength else { return }
        let stall = Stall(start: self.lastOut, length: length, requests: self.waiting)
        if self.silences.count < Self.maxStalls { self.silences.append(stall) }
        guard self.waiting >= Self.leastRequests else { return }
        self.count += 1
        self.longest = max(self.longest, length)
        if self.stalls.count < Self.maxStalls { self.stalls.append(stall) }
    }
}
