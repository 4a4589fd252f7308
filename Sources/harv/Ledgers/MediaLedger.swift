import SIPKit
import SIPTrace

/// Where the calls of a capture wanted their sound, to be compared with the streams that were seen.
struct MediaLedger: Sendable, Codable {
    struct Place: Sendable, Codable {
        var callID: String
        var message: UInt32
        var time: Int64
        /// Whether some session of the call put it on hold.
        var isHeld: Bool
        /// Which rule explains silence: a private address passed on.
        var hasPrivateAddress: Bool
    }

    static let maxPlaces = 100_000
    /// Only captures have sound; texts do without this table.
    var isWanted = false
    private(set) var places: [SocketAddress: Place] = [:]
    var streams: [RTPStream] = []

    mutating func note(_ context: CallContext, _ facts: CallFacts) {
        guard facts.isAnswered, self.places.count < Self.maxPlaces else { return }
        let sessions = context.records.indices.filter { context.records[$0].traits.contains(.hasSession) }
        let isHeld = sessions.contains { place in
            context.session(place)?.media.contains {
                $0.direction == .send || $0.direction == .receive || $0.direction == SessionFacts.Direction.none
            } ?? false
        }
        for place in sessions {
            guard let session = context.session(place) else { continue }
            for (media, address) in session.active where media.port > 0 && media.port < 65_536 {
                let isPrivate = AddressScope.isOutOfScope(address, for: context.records[place].destination.ip)
                self.places[SocketAddress(address, UInt16(media.port))] = Place(
                    callID: context.callID, message: context.number(place), time: context.records[place].time,
                    isHeld: isHeld, hasPrivateAddress: isPrivate)
            }
        }
    }

    struct OneWay {
        var stream: RTPStream
        var place: Place?
    }

    /// Streams of more than three seconds that nothing comes back for, in calls that were not on hold.
    var oneWay: [OneWay] {
        let long = self.streams.filter { $0.lastTime &- $0.firstTime > 3_000_000_000 && $0.packets > 50 }
        var talkers: [IPAddress: [RTPStream]] = [:]
        for stream in self.streams where stream.packets > 10 { talkers[stream.source.ip, default: []].append(stream) }
        return long.compactMap { stream in
            let back = talkers[stream.destination.ip]?.contains {
                $0.destination.ip == stream.source.ip && $0.firstTime < stream.lastTime
                    && $0.lastTime > stream.firstTime
            }
            guard back != true else { return nil }
            let place = self.places[stream.destination] ?? self.places[stream.source]
            guard let place, !place.isHeld else { return nil }
            return OneWay(stream: stream, place: place)
        }
    }
}

extension MediaLedger {
    /// The streams come anew with the end of each reading.
    private enum CodingKeys: CodingKey { case isWanted, places }
}
