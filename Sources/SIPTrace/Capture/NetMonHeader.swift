/// The file header of Microsoft's Network Monitor, version 2 ("GMBU"), and how its frames are to be read.
///
/// Frames are read in the order in which they stand in the file, up to the table of their places; all writers that are
/// known put them there one after another.
struct NetMonHeader: Sendable {
    static let magic: UInt32 = 0x474D_4255
    /// Where the first frame begins.
    static let size = 128
    static let maximumFrame = 1 << 20

    let link: LinkType
    /// Nanoseconds since 1970, by the capturing machine's clock.
    let began: Int64
    let tableOffset: Int
    /// Bytes after each frame: its own link type since 2.1, more since 2.2 and 2.3.
    let trailerSize: Int

    init?(_ bytes: Span<UInt8>) {
        func little16(_ at: Int) -> Int { bytes.u8(at) | bytes.u8(at + 1) << 8 }
        let (minor, major) = (bytes.u8(4), bytes.u8(5))
        guard major == 2 else { return nil }
        // 1 is Ethernet; the others are no network that SIP was found on.
        self.link = little16(6) == 1 ? .ethernet : LinkType(rawValue: 0xFFFF)
        // Year, month, day of the week, day, hour, minute, second, millisecond.
        let days = Self.days(year: little16(8), month: little16(10), day: little16(14))
        let seconds = days * 86_400 + little16(16) * 3600 + little16(18) * 60 + little16(20)
        self.began = Int64(seconds) * 1_000_000_000 + Int64(little16(22)) * 1_000_000
        self.tableOffset = Int(bytes.u32(24).byteSwapped)
        self.trailerSize = minor == 0 ? 0 : minor == 1 ? 2 : minor == 2 ? 6 : 15
    }

    /// Days from 1970-01-01 in the Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        // Years that begin in March put the leap day last.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    func record(_ block: Span<UInt8>, _ at: Int) -> (captured: Int, wireLength: Int, time: Int64) {
        let micros = UInt64(block.u32(at).byteSwapped) | UInt64(block.u32(at + 4).byteSwapped) << 32
        let time = self.began &+ Int64(truncatingIfNeeded: micros) &* 1000
        return (Int(block.u32(at + 12).byteSwapped), Int(block.u32(at + 8).byteSwapped), time)
    }
}
