// Where the static scene's surface is, from its depth; pixels count from the picture's top left.
uniform sampler2D plate_depth_m;
uniform vec3 eye;
uniform vec3 first_ray;
uniform vec3 ray_right;
uniform vec3 ray_down;

vec3 surface_at(ivec2 pixel) {
    vec3 ray = first_ray + ray_right * float(pixel.x) + ray_down * float(pixel.y);
    return eye + ray * texelFetch(plate_depth_m, pixel, 0).r;
}
