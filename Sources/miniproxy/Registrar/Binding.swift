import SIPKit

/// Where a user can be reached for a while: one contact of an address-of-record (RFC 3261 §10).
struct Binding: Sendable, Equatable {
    /// The Contact's URI as it was registered, without angle brackets.
    var uri: [UInt8]
    /// Seconds since 1970; `Int64.max` never (a contact that was added by hand).
    var expires: Int64
    /// Thousandths; -1 where none was given.
    var q: Int16
    var callID: [UInt8]
    var cSeq: UInt32
    /// When it was registered last, in the order of registrations.
    var order: UInt64
    /// Script flags kept with the contact; bit n is flag n.
    var flags: UInt32
    /// The source URI of a phone behind NAT (`sip:address:port`); empty otherwise.
    var received: [UInt8] = []
    /// Route set of RFC 3327, empty otherwise.
    var path: [UInt8] = []
    var userAgent: [UInt8] = []
    /// Our socket that the REGISTER came to: the NAT of the phone may let nobody else in.
    var socket: SendSocket?
    /// `save_memory()`: no database has it.
    var isVolatile = false
    /// When it was registered last, in seconds since 1970.
    var modified: Int64 = 0

    func isExpired(at second: Int64) -> Bool { self.expires <= second }
}
