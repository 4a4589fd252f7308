import SIPKit
