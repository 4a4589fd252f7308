/// The header fields that somebody here asks for by name; everything else is `.other` and is found by its name.
///
/// The order is alphabetical and means nothing. A new header is one line in each of the three lists below.
public enum HeaderID: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case other
    case accept
    case acceptContact
    case acceptEncoding
    case acceptLanguage
    case acceptResourcePriority
    case alertInfo
    case allow
    case allowEvents
    case answerMode
    case authenticationInfo
    case authorization
    case callID
    case callInfo
    case ccDiversion
    case contact
    case contentDisposition
    case contentEncoding
    case contentLanguage
    case contentLength
    case contentType
    case cSeq
    case date
    case diversion
    case errorInfo
    case event
    case expires
    case featureCaps
    case flowTimer
    case from
    case geolocation
    case historyInfo
    case identity
    case identityInfo
    case infoPackage
    case inReplyTo
    case join
    case maxBreadth
    case maxForwards
    case mimeVersion
    case minExpires
    case minSE
    case organization
    case pAccessNetworkInfo
    case pAssertedIdentity
    case pAssociatedURI
    case pCalledPartyID
    case pChargingFunctionAddresses
    case pChargingVector
    case pHint
    case pPreferredIdentity
    case pRTPStat
    case pVisitedNetworkID
    case path
    case priority
    case privacy
    case proxyAuthenticate
    case proxyAuthenticationInfo
    case proxyAuthorization
    case proxyRequire
    case rAck
    case reason
    case recordRoute
    case recvInfo
    case referSub
    case referTo
    case referredBy
    case rejectContact
    case remotePartyID
    case replaces
    case replyTo
    case requestDisposition
    case require
    case resourcePriority
    case retryAfter
    case route
    case rSeq
    case securityClient
    case securityServer
    case securityVerify
    case server
    case serviceRoute
    case sessionExpires
    case sessionID
    case sipETag
    case sipIfMatch
    case subject
    case subscriptionState
    case supported
    case suppressIfMatch
    case targetDialog
    case timestamp
    case to
    case unsupported
    case userAgent
    case userToUser
    case via
    case warning
    case wwwAuthenticate
    case xRTPStat

    /// How many identifiers there are, `.other` included.
    public static var count: Int { 100 }
}

extension HeaderID {
    /// The name as RFC 3261 §20 and its successors write it.
    public var name: StaticString {
        switch self {
        case .other: ""
        case .accept: "Accept"
        case .acceptContact: "Accept-Contact"
        case .acceptEncoding: "Accept-Encoding"
        case .acceptLanguage: "Accept-Language"
        case .acceptResourcePriority: "Accept-Resource-Priority"
        case .alertInfo: "Alert-Info"
        case .allow: "Allow"
        case .allowEvents: "Allow-Events"
        case .answerMode: "Answer-Mode"
        case .authenticationInfo: "Authentication-Info"
        case .authorization: "Authorization"
        case .callID: "Call-ID"
        case .callInfo: "Call-Info"
        case .ccDiversion: "CC-Diversion"
        case .contact: "Contact"
        case .contentDisposition: "Content-Disposition"
        case .contentEncoding: "Content-Encoding"
        case .contentLanguage: "Content-Language"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .cSeq: "CSeq"
        case .date: "Date"
        case .diversion: "Diversion"
        case .errorInfo: "Error-Info"
        case .event: "Event"
        case .expires: "Expires"
        case .featureCaps: "Feature-Caps"
        case .flowTimer: "Flow-Timer"
        case .from: "From"
        case .geolocation: "Geolocation"
        case .historyInfo: "History-Info"
        case .identity: "Identity"
        case .identityInfo: "Identity-Info"
        case .infoPackage: "Info-Package"
        case .inReplyTo: "In-Reply-To"
        case .join: "Join"
        case .maxBreadth: "Max-Breadth"
        case .maxForwards: "Max-Forwards"
        case .mimeVersion: "MIME-Version"
        case .minExpires: "Min-Expires"
        case .minSE: "Min-SE"
        case .organization: "Organization"
        case .pAccessNetworkInfo: "P-Access-Network-Info"
        case .pAssertedIdentity: "P-Asserted-Identity"
        case .pAssociatedURI: "P-Associated-URI"
        case .pCalledPartyID: "P-Called-Party-ID"
        case .pChargingFunctionAddresses: "P-Charging-Function-Addresses"
        case .pChargingVector: "P-Charging-Vector"
        case .pHint: "P-Hint"
        case .pPreferredIdentity: "P-Preferred-Identity"
        case .pRTPStat: "P-RTP-Stat"
        case .pVisitedNetworkID: "P-Visited-Network-ID"
        case .path: "Path"
        case .priority: "Priority"
        case .privacy: "Privacy"
        case .proxyAuthenticate: "Proxy-Authenticate"
        case .proxyAuthenticationInfo: "Proxy-Authentication-Info"
        case .proxyAuthorization: "Proxy-Authorization"
        case .proxyRequire: "Proxy-Require"
        case .rAck: "RAck"
        case .reason: "Reason"
        case .recordRoute: "Record-Route"
        case .recvInfo: "Recv-Info"
        case .referSub: "Refer-Sub"
        case .referTo: "Refer-To"
        case .referredBy: "Referred-By"
        case .rejectContact: "Reject-Contact"
        case .remotePartyID: "Remote-Party-ID"
        case .replaces: "Replaces"
        case .replyTo: "Reply-To"
        case .requestDisposition: "Request-Disposition"
        case .require: "Require"
        case .resourcePriority: "Resource-Priority"
        case .retryAfter: "Retry-After"
        case .route: "Route"
        case .rSeq: "RSeq"
        case .securityClient: "Security-Client"
        case .securityServer: "Security-Server"
        case .securityVerify: "Security-Verify"
        case .server: "Server"
        case .serviceRoute: "Service-Route"
        case .sessionExpires: "Session-Expires"
        case .sessionID: "Session-ID"
        case .sipETag: "SIP-ETag"
        case .sipIfMatch: "SIP-If-Match"
        case .subject: "Subject"
        case .subscriptionState: "Subscription-State"
        case .supported: "Supported"
        case .suppressIfMatch: "Suppress-If-Match"
        case .targetDialog: "Target-Dialog"
        case .timestamp: "Timestamp"
        case .to: "To"
        case .unsupported: "Unsupported"
        case .userAgent: "User-Agent"
        case .userToUser: "User-to-User"
        case .via: "Via"
        case .warning: "Warning"
        case .wwwAuthenticate: "WWW-Authenticate"
        case .xRTPStat: "X-RTP-Stat"
        }
    }

    /// The one-letter form (RFC 3261 §7.3.3 and the IANA registry), or `nil`.
    public var compactName: UInt8? {
        switch self {
        case .acceptContact: 0x61  // a
        case .allowEvents: 0x75  // u
        case .callID: 0x69  // i
        case .contact: 0x6D  // m
        case .contentEncoding: 0x65  // e
        case .contentLength: 0x6C  // l
        case .contentType: 0x63  // c
        case .event: 0x6F  // o
        case .from: 0x66  // f
        case .identity: 0x79  // y
        case .identityInfo: 0x6E  // n
        case .referTo: 0x72  // r
        case .referredBy: 0x62  // b
        case .rejectContact: 0x6A  // j
        case .requestDisposition: 0x64  // d
        case .sessionExpires: 0x78  // x
        case .subject: 0x73  // s
        case .supported: 0x6B  // k
        case .to: 0x74  // t
        case .via: 0x76  // v
        default: nil
        }
    }
}
