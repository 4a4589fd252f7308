import SIPKit
import SIPTrace

/// How far the Date headers of each sender are from the time of the capture.
struct ClockLedger: Sendable, Codable {
    static let maxSources = 5_000
    /// Seconds that a sender's clock is ahead of the capture's, by address.
    private(set) var offsets: [IPAddress: Int64] = [:]

    mutating func note(_ context: CallContext) {
        guard context.hasTimes, context.conversation.traits.contains(.hasDate) else { return }
        for place in context.records.indices {
            let record = context.records[place]
            guard record.traits.contains(.hasDate), record.isFirst, self.offsets[record.source.ip] == nil,
                self.offsets.count < Self.maxSources, let message = context.message(place),
                let range = message.first(.date), let time = Self.time(Printable.text(message[range]))
            else { continue }
            self.offsets[record.source.ip] = time - record.time / 1_000_000_000
        }
    }

    /// Seconds since 1970 of `Sat, 13 Nov 2010 23:29:00 GMT` (RFC 3261 §20.17).
    static func time(_ text: String) -> Int64? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" || $0 == "-" })
        guard words.count >= 7, words[0].count == 3,
            let day = SessionFacts.number(String(words[1]), limit: 31), day > 0,
            let month = [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ].firstIndex(of: words[2].lowercased()),
            let year = SessionFacts.number(String(words[3]), limit: 9_999), year >= 1970,
            let hour = SessionFacts.number(String(words[4]), limit: 23),
            let minute = SessionFacts.number(String(words[5]), limit: 59),
            let second = SessionFacts.number(String(words[6]), limit: 60)
        else { return nil }
        // Days from 1970 in the proleptic Gregorian calendar, years beginning in March.
        let shifted = month < 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    /// Senders whose clock is more than five minutes from the others', in seconds.
    ///
    /// A text has its times without a zone: what all senders are off by is the zone and no fault. A single sender can
    /// only be judged when the capture knows the time (`isAbsolute`).
    func wrong(isAbsolute: Bool) -> [(address: IPAddress, seconds: Int64)] {
        let sorted = self.offsets.values.sorted()
        guard !sorted.isEmpty, isAbsolute || sorted.count >= 3 else { return [] }
        let base = isAbsolute ? 0 : sorted[sorted.count / 2]
        return self.offsets.map { (address: $0.key, seconds: $0.value - base) }.filter { abs($0.seconds) > 300 }
            .sorted { (abs($1.seconds), "\($0.address)") < (abs($0.seconds), "\($1.address)") }
    }
}
