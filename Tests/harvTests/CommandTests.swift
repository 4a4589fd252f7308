import Testing

@testable import harv
