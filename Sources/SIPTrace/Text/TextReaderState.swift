/// Where a reader of text stands between two blocks, for a reader that goes on there (in another process, too).
///
/// The place in the text is not in here: the caller knows how many bytes it gave.
public struct TextReaderState: Sendable, Codable {
    public let format: TextFormat
    let ngrep: NgrepTextReader.Kept?
    let blocks: Blocks?

    public var statistics: TextStatistics {
        self.ngrep?.statistics ?? self.blocks?.format.statistics ?? TextStatistics()
    }

    /// What the format of blocks has learned: whose log it is, which day it is.
    struct Blocks: Sendable, Codable {
        let textFormat: TextFormat
        let format: any BlockFormat

        init(textFormat: TextFormat, format: any BlockFormat) {
            self.textFormat = textFormat
            self.format = format
        }

        private enum CodingKeys: CodingKey { case textFormat, format }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.textFormat = try values.decode(TextFormat.self, forKey: .textFormat)
            func read(_ kind: (some BlockFormat).Type) throws -> any BlockFormat {
                try values.decode(kind, forKey: .format)
            }
            self.format =
                switch self.textFormat {
                case .ngrep, .sngrep: try read(SngrepFormat.self)
                case .sipdump: try read(SipdumpFormat.self)
                case .asterisk: try read(AsteriskFormat.self)
                case .freeswitch: try read(FreeSWITCHFormat.self)
                case .sippMessages: try read(SippMessageFormat.self)
                case .sippShort: try read(SippShortFormat.self)
                case .json: try read(JSONFormat.self)
                case .serverLog: try read(ServerLogFormat.self)
                }
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(self.textFormat, forKey: .textFormat)
            func write(_ format: some BlockFormat) throws { try values.encode(format, forKey: .format) }
            try write(self.format)
        }
    }
}
