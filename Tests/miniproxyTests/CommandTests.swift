import Testing

@testable import miniproxy
