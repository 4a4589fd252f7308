import SIPKit
import SIPKitProperties

/// Reads everything that the library can read out of some bytes. All it has to do is to come back.
enum Everything {
    static func read(_ bytes: [UInt8]) throws(BrokenProperty) { try Subject.message.examine(bytes) }
}
