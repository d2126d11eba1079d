#ifndef CONNREG_SERVICE_BASE_DESCRIPTOR_LIMIT_H_
#define CONNREG_SERVICE_BASE_DESCRIPTOR_LIMIT_H_

namespace connreg {

// Lets this process open as many descriptors as the system allows it: the soft
// limit is meant for programs that use select(2).
void RaiseDescriptorLimit();

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_DESCRIPTOR_LIMIT_H_
