import SIPKit
import SIPTrace

/// What one run with `--state` keeps for the next: where each input was left, and all tables as they were there.
struct Kept: Codable {
    /// What the command line said that changes figures: a state is good for the same words only.
    var options: [Option]
    var places: [InputPlace]
    var analyser: Analyser.Kept

    struct Option: Codable, Equatable {
        var name: String
        var value: String
    }

    /// The first option that differs, as a sentence; `nil` when all are the same.
    func difference(from now: [Option]) -> String? {
        for option in now {
            let before = self.options.first { $0.name == option.name }?.value ?? ""
            if before != option.value {
                func shown(_ value: String) -> String { value.isEmpty ? "none" : "\"\(Printable.text(value.utf8))\"" }
                return "was made with another \(option.name) (\(shown(before)), now \(shown(option.value)))"
            }
        }
        return nil
    }
}

/// How far an input was read.
struct InputPlace: Codable {
    /// As the command line names it.
    var path: String
    /// Which file that was: its name may go to another one.
    var device: UInt64 = 0
    var inode: UInt64 = 0
    /// Bytes that were read, all of them of whole blocks.
    var offset = 0
    /// The bytes before that place, at most ``markSize``: a file that was written anew has others there.
    var mark: [UInt8] = []
    var reader = Reader.none
    /// What files gave that had this name before.
    var earlier = Earlier()

    /// Where the reader of the bytes stood.
    enum Reader {
        case none
        case text(TextReaderState)
        /// How many packets were read.
        case capture(packets: Int)
    }

    struct Earlier: Codable {
        var bytes = 0
        var statistics = TextStatistics()
        /// What could not be read, in words.
        var loss = ""
    }

    static let markSize = 256

    /// What the file at hand has come to so far.
    var statistics: TextStatistics {
        if case .text(let state) = self.reader { return state.statistics }
        return TextStatistics()
    }
}

extension InputPlace.Reader: Codable {
    init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        switch try values.decode(UInt8.self) {
        case 0: self = .none
        case 1: self = .text(try values.decode(TextReaderState.self))
        case 2: self = .capture(packets: try values.decode(Int.self))
        default: throw StateReader.Failure.nonsense
        }
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        switch self {
        case .none: try values.encode(UInt8(0))
        case .text(let state):
            try values.encode(UInt8(1))
            try values.encode(state)
        case .capture(let packets):
            try values.encode(UInt8(2))
            try values.encode(packets)
        }
    }
}
